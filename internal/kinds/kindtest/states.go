package kindtest

import (
	"testing"

	"github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// ExpectStates expects what a table says of states of Atlas, also of states that are not in it.
func ExpectStates(t *testing.T, table decision.StateTable, want map[string]decision.StateMeaning) {
	t.Helper()
	for state, meaning := range want {
		class, reason := table.ClassOf(state)
		gomega.NewWithT(t).Expect(decision.StateMeaning{Class: class, Reason: reason}).To(gomega.Equal(meaning), state)
	}
}
