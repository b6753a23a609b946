package lifecycle

import (
	"context"
	"sync"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// eventTimeout bounds the write of an event, and of those left at the end: nothing depends on them.
	eventTimeout = 5 * time.Second
	// eventQueue is how many events may wait, eventWriters how many are written at the same time.
	eventQueue, eventWriters = 1024, 4
)

// eventWriter writes events beside the reconciliations. client-go's recorder does not serve: it keeps every event for
// minutes to count repetitions, which after thousands of creations takes as much memory as the resources.
type eventWriter struct {
	client client.Writer
	mu     sync.Mutex
	// queue is nil while the writer does not run.
	queue chan *eventsv1.Event
}

// record writes the event later, or now where it cannot be queued. A graceful stop does not cancel it.
func (w *eventWriter) record(ctx context.Context, event *eventsv1.Event) {
	w.mu.Lock()
	select {
	case w.queue <- event: // a nil channel takes nothing
		w.mu.Unlock()
	default:
		w.mu.Unlock()
		w.write(context.WithoutCancel(ctx), event)
	}
}

// run writes what is recorded until ctx ends, and then what is left.
func (w *eventWriter) run(ctx context.Context) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	queue := make(chan *eventsv1.Event, eventQueue)
	var writers sync.WaitGroup
	for range eventWriters {
		writers.Go(func() {
			for event := range queue {
				w.write(writing, event)
			}
		})
	}
	w.setQueue(queue)
	<-ctx.Done()
	w.setQueue(nil)
	close(queue)
	time.AfterFunc(eventTimeout, cancel)
	writers.Wait()
	return nil
}

func (w *eventWriter) setQueue(queue chan *eventsv1.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = queue
}

func (w *eventWriter) write(ctx context.Context, event *eventsv1.Event) {
	ctx, cancel := context.WithTimeout(ctx, eventTimeout)
	defer cancel()
	if err := w.client.Create(ctx, event); err != nil { // as in a namespace that is being deleted
		ctrl.Log.WithName("events").Info("Could not write an event", "namespace", event.Namespace, "name", event.Regarding.Name,
			"reason", event.Reason, "failure", err.Error())
	}
}
