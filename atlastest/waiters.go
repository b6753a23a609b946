package atlastest

import (
	"context"
	"fmt"
)

// waiter waits for a request. Entries are queued for it, because its predicate may be slow or may call the server.
type waiter struct {
	predicate func(Request) bool
	early     bool // also accepts unanswered requests
	queue     []Request
	signal    chan struct{} // holds one element if the queue is not empty
}

func (w *waiter) offer(e *logEntry) {
	if ripe := e.answered || w.early && e.arrived; !ripe {
		return
	}
	w.queue = append(w.queue, e.request)
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// notify offers a changed entry to all waiters.
func (l *requestLog) notify(e *logEntry) {
	for w := range l.waiters {
		w.offer(e)
	}
}

func (l *requestLog) wait(ctx context.Context, w *waiter) (Request, error) {
	l.join(w)
	defer l.quit(w)
	for {
		for _, r := range l.take(w) {
			if w.predicate(r) {
				return r, nil
			}
		}
		select {
		case <-w.signal:
		case <-ctx.Done():
			return Request{}, fmt.Errorf("waiting for a request to the simulator: %w", context.Cause(ctx))
		}
	}
}

func (l *requestLog) join(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		w.offer(e)
	}
	l.waiters[w] = struct{}{}
}

func (l *requestLog) quit(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiters, w)
}

func (l *requestLog) take(w *waiter) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := w.queue
	w.queue = nil
	return queue
}
