package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// A list may be minutes old where nothing is waited for. Since then the object may have gone, or its name may be another's.
func TestAChangeIsSentOnlyToWhatAtlasShowedLately(t *testing.T) {
	sent := changesOfWhatIsGone(t, 5*time.Minute)
	NewWithT(t).Expect(sent).To(BeZero())
}

func TestAChangeOfWhatIsGoneEndsInANewObject(t *testing.T) {
	sent := changesOfWhatIsGone(t, time.Minute)
	NewWithT(t).Expect(sent).To(Equal(1))
}

// changesOfWhatIsGone returns how many PATCHes are sent when the list that shows the object is that old.
func changesOfWhatIsGone(t *testing.T, old time.Duration) int {
	t.Helper()
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.last = map[string]fakeSnapshot{}
	w.clock.Step(time.Hour)
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	clear(w.objects)
	w.clock.Step(old)
	w.prepared.ResendSecrets, w.prepared.Fingerprint = true, "rotated"
	w.settleFor(5 * time.Second)
	sent := w.count("update")
	g.Expect(w.shows(v1alpha1.ConditionReady)).NotTo(HaveSuffix("Rejected"))
	w.settleFor(2 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made2"))
	return sent
}
