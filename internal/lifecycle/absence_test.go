package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// What does not say with certainty that the object is gone keeps the finalizer, and tells the way out.
func TestOnlyCertainAbsenceEndsADeletion(t *testing.T) {
	skipUnderRaceDetector(t)
	for name, c := range map[string]struct {
		get  error // what the item's GET fails with, while no list shows the object; nil for Atlas's own 404
		want string
	}{
		"404 of Atlas":      {nil, ""},
		"404 of a proxy":    {atlasError(404, "", ""), "False AtlasUnreachable"},
		"a missing project": {atlasError(404, "GROUP_NOT_FOUND", ""), "False ProjectNotFound"},
		"401":               {atlasError(401, "UNEXPECTED_ERROR", ""), "False Unauthorized"},
		"401 of a proxy":    {atlasError(401, "", ""), "False AtlasUnreachable"},
		"403":               {atlasError(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", ""), "False Forbidden"},
		"503":               {errUnavailable, "False AtlasUnreachable"},
		"410":               {atlasError(410, "VERSION_GONE", ""), "False Rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w := newWorld(t)
			isDeleted(w)
			clear(w.objects)
			if c.get != nil {
				w.fail = failing("get", c.get)
			}
			w.settleFor(time.Hour)
			if c.want == "" {
				g.Expect(w.link()).To(BeNil())
				return
			}
			g.Expect(w.link()).NotTo(BeNil())
			g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal(c.want))
			g.Expect(meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionReady).Message).To(ContainSubstring(v1alpha1.AnnotationAbandon))
		})
	}
}

// An object that was made a moment ago may not show yet: nothing is absent before claim and settle.
func TestNothingIsAbsentBeforeItHadTimeToShow(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.settleFor(time.Second)
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	made, settle := w.link().Status.CreateRequestedAt.Time, w.shared.options.settle()
	w.lag = settle - time.Second
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	for w.link() != nil {
		g.Expect(w.clock.Now()).To(BeTemporally("<", made.Add(time.Hour)), "it never ends")
		w.settleFor(time.Second)
	}
	g.Expect(w.objects).To(BeEmpty())
	g.Expect(w.clock.Now()).To(BeTemporally(">", made.Add(settle)))
}

// deletedWithAnOpenClaim is a link that is deleted after a POST without an answer, which made nothing.
func deletedWithAnOpenClaim(t *testing.T) *world {
	t.Helper()
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("create", errUnavailable)
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	return w
}

// One read of a workspace that is not there does not settle what became of a claim in it.
func TestAMissingWorkspaceEndsAClaimedDeletionAtTheSecondObservation(t *testing.T) {
	g := NewWithT(t)
	w := deletedWithAnOpenClaim(t)
	missing := atlasError(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", "")
	w.fail = func(call string, done bool) error {
		if !done && (call == "list" || call == "get") {
			return missing
		}
		return nil
	}
	settle := w.shared.options.settle()
	w.clock.Step(2 * settle)
	first := w.clock.Now()
	for w.link() != nil {
		g.Expect(w.clock.Now()).To(BeTemporally("<", first.Add(time.Hour)), "it never ends")
		w.settleFor(time.Second)
	}
	g.Expect(w.clock.Now()).To(BeTemporally(">=", first.Add(settle)))
}
