package inventory

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// A list that failed is not asked for again before a pause that grows from firstPause to longestPause, so that an
// outage or a refused credential costs a call now and then and not one per resource.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// List is one polled list. Reads share its calls to Atlas.
type List[T any] struct {
	clock    clock.WithDelayedExecution
	interval time.Duration
	key      func(T) string
	overlay  *overlay[T]
	usedAt   time.Time // guarded by Inventory.mu

	mu       sync.Mutex
	pages    pages[T]
	last     Snapshot[T]
	flight   *flight
	watchers map[*watcher[T]]struct{}
	pending  map[string]time.Time // when the object of that key was last waited for
	timer    clock.Timer          // of the next poll; nil without watchers

	failure      error
	failures     int
	failingSince time.Time
	retryAt      time.Time
}

// pages reads the list from Atlas.
type pages[T any] func(context.Context, ...atlas.ListOption) iter.Seq2[T, error]

// flight is one call for the list that is under way.
type flight struct {
	begun   time.Time
	routine bool
	done    chan struct{}
}

// ReadOptions say how fresh a read has to be.
type ReadOptions struct {
	// NotBefore is the moment after which the list must have begun. Zero takes any.
	NotBefore time.Time
	// Routine takes a list that ended by Atlas's own count of objects, which may be an estimate, or that changed while it
	// was read: it costs fewer pages, and does not prove that an object is not there.
	Routine bool
	// Now asks Atlas even while a failed list waits before it is tried again.
	Now bool
}

// PausedError is the failure of the list that is not repeated before RetryAt. It has failed since Since.
type PausedError struct {
	Err     error
	Since   time.Time
	RetryAt time.Time
}

// Error is the text of the failure.
func (e *PausedError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *PausedError) Unwrap() error { return e.Err }

// Read returns a complete list that is fresh enough, calling Atlas only when the last one is not. Concurrent reads
// share one call. An error is always a *PausedError, or the context's.
func (l *List[T]) Read(ctx context.Context, opts ReadOptions) (Snapshot[T], error) {
	force := opts.Now
	for {
		l.mu.Lock()
		switch {
		case l.serves(opts):
			snapshot := l.last
			l.mu.Unlock()
			return snapshot, nil
		case l.flight == nil && !force && l.clock.Now().Before(l.retryAt):
			err := &PausedError{Err: l.failure, Since: l.failingSince, RetryAt: l.retryAt}
			l.mu.Unlock()
			return Snapshot[T]{}, err
		case l.flight == nil:
			l.flight = &flight{begun: l.clock.Now(), routine: opts.Routine, done: make(chan struct{})}
			go l.fetch(context.WithoutCancel(ctx), l.flight, l.pages)
		}
		current := l.flight
		if !current.begun.Before(opts.NotBefore) && (opts.Routine || !current.routine) {
			force = false // this call answers, be it with a failure
		}
		l.mu.Unlock()
		if err := await(ctx, current); err != nil {
			return Snapshot[T]{}, err
		}
	}
}

// serves reports whether the last list is good enough.
func (l *List[T]) serves(opts ReadOptions) bool {
	return !l.last.Begun.IsZero() && !l.last.Begun.Before(opts.NotBefore) && (opts.Routine || !l.last.counted)
}

func await(ctx context.Context, f *flight) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a list of Atlas: %w", ctx.Err())
	}
}

// fetch runs apart from the read that began it: a caller that gives up does not spoil the list for the others.
func (l *List[T]) fetch(ctx context.Context, f *flight, pages pages[T]) {
	objects := map[string]*T{}
	counted := false
	var options []atlas.ListOption
	if f.routine {
		options = append(options, atlas.UntilTotal(&counted))
	}
	var failure error
	for object, err := range pages(ctx, options...) {
		if err != nil {
			failure = err
			break
		}
		key := l.key(object)
		objects[key] = l.overlay.same(key, &object)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(f.done)
	l.flight = nil
	if failure != nil {
		if l.failure == nil {
			l.failingSince = f.begun
		}
		l.failure, l.retryAt = failure, l.clock.Now().Add(l.pause(failure))
		l.failures++
		return
	}
	l.failure, l.failures, l.failingSince, l.retryAt = nil, 0, time.Time{}, time.Time{}
	l.overlay.forgetOld(l.clock.Now())
	for key, object := range objects {
		objects[key] = sameOr(l.last.listed[key], object)
	}
	l.last = Snapshot[T]{Begun: f.begun, counted: counted, listed: objects, overlay: l.overlay}
	l.notify()
}

func (l *List[T]) pause(failure error) time.Duration {
	pause := min(firstPause<<min(l.failures, 10), longestPause)
	pause += rand.N(pause/5 + 1) // up to a fifth more, so that many lists do not come back at once
	return max(pause, atlas.RetryAfter(failure))
}

// callWith makes later calls with a client that was made since: the one before it may be closed.
func (l *List[T]) callWith(pages pages[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages = pages
}

// Put applies the answer about one object to the list. At is when that call began.
func (l *List[T]) Put(object T, at time.Time) { l.overlay.put(object, at) }

// Outdate says that the object of that key was changed at that moment, with an answer that does not tell how.
func (l *List[T]) Outdate(key string, at time.Time) { l.overlay.outdate(key, at) }
