package atlas

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// Atlas lets an account have 100 tokens: made-up projects must not use them up, and not fill the memory.
func TestRefusedProjectsUseUpFewTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}}
		c := s.client(t)
		for i := range 3 * maxUseless {
			g.Expect(IsUnauthorized(get(t.Context(), c, fmt.Sprint("made-up-", i)))).To(BeTrue())
		}
		g.Expect(c.tokens.useless).To(HaveLen(maxUseless))
		g.Expect(s.tokenCalls()).To(Equal(1 + maxUseless))

		time.Sleep(noUseHold)
		g.Expect(IsUnauthorized(get(t.Context(), c, project))).To(BeTrue())
		g.Expect(c.tokens.useless).To(HaveLen(1))
	})
}
