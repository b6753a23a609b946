package lifecycle

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// unsavedAdoption is a world with the objects x and y, in which link adopted x and failed to save that. Other imports x.
func unsavedAdoption(t *testing.T, failure error) *world {
	t.Helper()
	w := newWorld(t)
	for _, id := range []string{"x", "y"} {
		w.objects[id] = &decision.RemoteObject{ID: id, State: "DONE", States: linkStates}
	}
	other := worldLink("other")
	other.Spec.ImportID = "x"
	if err := w.kube.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID, l.Generation = "x", 2 })
	w.statusWrite = func(func() error) error { return failure }
	if _, err := w.reconcile(); (err == nil) != apierrors.IsConflict(failure) {
		t.Fatalf("the adoption was saved, or: %v", err)
	}
	return w
}

// otherGets is the object that other owns after its reconciliations.
func (w *world) otherGets() string {
	w.t.Helper()
	for range 3 {
		if _, err := w.reconcileNamed("other"); err != nil {
			w.t.Fatal(err)
		}
	}
	if status := w.named("other").Status; status.Owned() {
		return status.ID
	}
	return ""
}

func TestAnUnsavedAdoptionReleasesTheObjectWhenItsSpecNamesAnother(t *testing.T) {
	g := NewWithT(t)
	refused := apierrors.NewInvalid(schema.GroupKind{Kind: "StreamPrivateLink"}, "link", nil)
	w := unsavedAdoption(t, refused)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID, l.Generation = "y", 3 })
	_, err := w.reconcile()
	g.Expect(err).To(MatchError(ContainSubstring("write the status")), "it decides on y and cannot save that either")
	w.statusWrite = nil
	g.Expect(w.otherGets()).To(Equal("x"))
	w.settleFor(time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("y"))
}

// Without credentials it keeps nobody from anything, least of all from what it does not own.
func TestAnUnsavedAdoptionReleasesTheObjectWhenTheCredentialsAreGone(t *testing.T) {
	g := NewWithT(t)
	w := unsavedAdoption(t, errConflict)
	w.statusWrite = nil
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.CredentialsRef.Name, l.Generation = "missing", 3 })
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False SecretNotFound"))
	g.Expect(w.otherGets()).To(Equal("x"))
}

func TestAnObjectStaysTakenWhileItIsUnknownWhetherTheAdoptionWasSaved(t *testing.T) {
	g := NewWithT(t)
	w := unsavedAdoption(t, errors.New("connection reset"))
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID, l.Generation = "y", 3 })
	_, err := w.reconcile()
	g.Expect(err).To(HaveOccurred())
	w.statusWrite = nil
	g.Expect(w.otherGets()).To(BeEmpty())
	g.Expect(w.showsOf("other", v1alpha1.ConditionStalled)).To(Equal("True AlreadyManaged"))

	_, err = w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.link().Status.ID).To(Equal("y"))
	_, err = w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.otherGets()).To(Equal("x"), "the status that was saved since names another object")
}

// The caches may not show yet what the status of a resource names.
func TestWhatTheStatusNamesStaysTaken(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("create", errUnavailable)
	for range 3 {
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
	g.Expect(w.shared.owners.peek("claim")).To(Equal(named("link")))
	w.fail = nil
	w.settleFor(time.Hour)
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	g.Expect(w.shared.owners.peek("object made1")).To(Equal(named("link")))
	g.Expect(w.shared.owners.peek("claim")).To(BeZero())
}
