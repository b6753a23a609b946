package lifecycle

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
)

// An API server that is slow with events delays no reconciliation, and a graceful stop writes what is left.
func TestEventsAreWrittenBesideTheReconciliation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		w := newWorld(t)
		w.shared.events.slots = make(chan struct{}, eventsAtOnce)
		var written atomic.Int32
		w.eventWrite = func() error {
			time.Sleep(time.Second)
			written.Add(1)
			return nil
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.shared.events.run(ctx) }()
		synctest.Wait()

		before := time.Now()
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(before)).To(BeZero())
		g.Expect(written.Load()).To(BeZero())

		stop()
		g.Expect(<-ended).To(Succeed())
		g.Expect(written.Load()).NotTo(BeZero())
	})
}

// Events that cannot be written do not delay a stop, which releases the Lease.
func TestTheWriterOfEventsEndsSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		w := newWorld(t)
		w.shared.events.slots = make(chan struct{}, eventsAtOnce)
		w.eventWrite = func() error { time.Sleep(eventTimeout); return context.DeadlineExceeded }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.shared.events.run(ctx) }()
		synctest.Wait()
		for range 50 {
			w.shared.events.record(t.Context(), &eventsv1.Event{})
		}
		before := time.Now()
		stop()
		g.Expect(<-ended).To(Succeed())
		g.Expect(time.Since(before)).To(BeNumerically("<=", 2*eventTimeout))
	})
}
