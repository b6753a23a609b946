package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// A read that fails now and then does not change what a deletion says that it waits for.
func TestAShortOutageLeavesWhatADeletionWaitsFor(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	isDeleted(w)
	w.fail = failing("delete", errInUse)
	w.settleFor(30 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False InUse"))
	seen := w.recordWrites()
	for range 5 {
		w.fail = failing("list", errUnavailable)
		w.settleFor(time.Minute)
		w.fail = failing("delete", errInUse)
		w.settleFor(30 * time.Minute)
	}
	g.Expect(seen[v1alpha1.ConditionReady]).To(HaveLen(1))
}

func TestAnOutageWhileADeletionResolvesAClaimNamesNoObject(t *testing.T) {
	g := NewWithT(t)
	w := deletedWithAnOpenClaim(t)
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	said := w.condition(v1alpha1.ConditionReady)
	g.Expect(said).To(ContainSubstring("The creation of the private link was requested and not confirmed"))
	w.fail = failing("list", errUnavailable)
	w.clock.Step(20 * time.Second)
	_, err = w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal(said))
}
