package lifecycle

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// writtenEvents are the events that were written, the oldest first.
func (w *world) writtenEvents() []eventsv1.Event {
	var list eventsv1.EventList
	NewWithT(w.t).Expect(w.kube.List(w.t.Context(), &list)).To(Succeed())
	return list.Items
}

func TestEventsAreAboutTheirResource(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.settleFor(time.Minute)
	events := w.writtenEvents()
	g.Expect(events).NotTo(BeEmpty())
	for _, event := range events {
		g.Expect(event.Regarding.Kind).To(Equal("StreamPrivateLink"))
		g.Expect(event.Regarding.APIVersion).To(Equal("atlasstreams.io/v1alpha1"))
		g.Expect(event.Regarding.UID).To(Equal(w.link().UID))
		g.Expect(event.Namespace).To(Equal("shop"))
		g.Expect(event.Reason).To(BeElementOf("Created", "Ready"))
		g.Expect(event.ReportingController).To(Equal("atlas-streams-operator"))
		g.Expect(event.EventTime.IsZero()).To(BeFalse())
	}
}

func TestAnEventFitsTheAPIServer(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	event := pendingEvent{corev1.EventTypeWarning, "Failed", "Observe", strings.Repeat("ä", 10_000)}.about("StreamPrivateLink", w.link(), time.Now())
	g.Expect(len(event.Note)).To(BeNumerically("<=", 1_024))
	g.Expect(len(event.ReportingInstance)).To(BeNumerically("<=", 128))
}

// The oldest API servers judge the beginning of a generated name by itself.
func TestNamesOfEventsBeginAsAPIServersWant(t *testing.T) {
	g := NewWithT(t)
	for _, name := range []string{"a", "orders.shop", strings.Repeat("a", 253)} {
		event := pendingEvent{}.about("StreamPrivateLink", worldLink(name), noon)
		g.Expect(event.GenerateName).To(HavePrefix(name))
		g.Expect(validation.NameIsDNSSubdomain(event.GenerateName, true)).To(BeEmpty())
	}
}

// As in a namespace that is being deleted.
func TestARefusedEventBlocksNothing(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.eventWrite = func() error {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "events"}, "", nil)
	}
	w.settleFor(time.Minute)
	g.Expect(w.link().Status.ID).NotTo(BeEmpty())
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	w.settleFor(time.Hour)
	g.Expect(w.link()).To(BeNil())
	g.Expect(w.objects).To(BeEmpty())
	g.Expect(w.writtenEvents()).To(BeEmpty())
}
