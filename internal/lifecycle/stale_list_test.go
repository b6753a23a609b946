package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// A list may be minutes old where nothing is waited for. Since then the object may have gone, or its name may be another's.
func TestAChangeIsSentOnlyToWhatAtlasShowsNow(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.last = map[string]fakeSnapshot{}
	w.clock.Step(time.Hour)
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	clear(w.objects)
	w.clock.Step(5 * time.Minute)
	w.prepared.ResendSecrets, w.prepared.Fingerprint = true, "rotated"
	w.settleFor(5 * time.Second)
	g.Expect(w.count("update")).To(BeZero())
	g.Expect(w.shows(v1alpha1.ConditionReady)).NotTo(HaveSuffix("Rejected"))
	w.settleFor(2 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made2"))
}
