package inventory

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// A failed list is retried after a pause that grows from firstPause to longestPause, so that an outage or a rejected
// credential does not cost one call per resource.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// List is one polled list. Concurrent reads share its calls to Atlas.
type List[T object] struct {
	clock    clock.WithDelayedExecution
	interval time.Duration
	overlay  *overlay[T]
	usedAt   time.Time // guarded by Inventory.mu

	mu       sync.Mutex
	pages    pages[T]
	last     Snapshot[T]
	flight   *flight
	watchers map[*watcher[T]]struct{}
	pending  map[string]time.Time // by key: when the object was last awaited
	timer    clock.Timer          // for the next poll; nil without watchers

	failure      error
	failures     int
	failingSince time.Time
	retryAt      time.Time
}

// pages reads the list from Atlas.
type pages[T object] func(ctx context.Context, counted *bool) (map[string]*T, error)

// flight is a call for the list in flight.
type flight struct {
	begun   time.Time
	routine bool
	done    chan struct{}
}

// ReadOptions specify how fresh a read must be.
type ReadOptions struct {
	// NotBefore is the earliest acceptable start of the list. Zero accepts any.
	NotBefore time.Time
	// Routine accepts a list that ended at Atlas's total, which may be an estimate, or that changed while it was read.
	// It costs fewer pages but does not prove the absence of an object.
	Routine bool
	// Now calls Atlas even while a failed list is paused.
	Now bool
}

// PausedError is the error of a list that is not retried before RetryAt. It has been failing since Since.
type PausedError struct {
	Err     error
	Since   time.Time
	RetryAt time.Time
}

// Error returns the text of the cause.
func (e *PausedError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *PausedError) Unwrap() error { return e.Err }

// Read returns a complete list that is fresh enough and calls Atlas only if the last one is not. Concurrent reads
// share one call. An error is always a *PausedError or the context's error.
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
			force = false // this call serves the read, even if it fails
		}
		l.mu.Unlock()
		select {
		case <-current.done:
		case <-ctx.Done():
			return Snapshot[T]{}, fmt.Errorf("wait for a list of Atlas: %w", ctx.Err())
		}
	}
}

// serves reports whether the last list is fresh enough.
func (l *List[T]) serves(opts ReadOptions) bool {
	return !l.last.Begun.IsZero() && !l.last.Begun.Before(opts.NotBefore) && (opts.Routine || !l.last.counted)
}

// fetch runs independently of the read that started it, so that a cancelled caller does not fail the others.
func (l *List[T]) fetch(ctx context.Context, f *flight, pages pages[T]) {
	var counted *bool
	if f.routine {
		counted = new(bool)
	}
	objects, failure := pages(ctx, counted)
	for key, object := range objects {
		objects[key] = l.overlay.same(key, object)
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
	l.last = Snapshot[T]{Begun: f.begun, counted: f.routine && *counted, listed: objects, overlay: l.overlay}
	for w := range l.watchers {
		if l.hasChanged(w) {
			l.dismiss(w)
		}
	}
}

func (l *List[T]) pause(failure error) time.Duration {
	pause := min(firstPause<<min(l.failures, 10), longestPause)
	pause += rand.N(pause/5 + 1) // up to a fifth more, to spread the retries of many lists
	return max(pause, atlas.RetryAfter(failure))
}

// Put applies the result of a call about one object to the list. At is the start of that call.
func (l *List[T]) Put(object T, at time.Time) {
	l.overlay.set(object.Key(), overlayEntry[T]{&object, at})
}

// Outdate marks the object as deleted at that time: no list of before shows it, whichever credential read it.
func (l *List[T]) Outdate(key string, at time.Time) { l.overlay.set(key, overlayEntry[T]{at: at}) }

// pendingLifetime is how long an object counts as pending after the last read of it. It is longer than any pause
// between two reads.
const pendingLifetime = 3 * time.Minute

// GetIsCheaper records that the object is awaited and reports whether reading it individually costs fewer calls than
// the list: a new list is needed and has more pages than there are awaited objects.
func (l *List[T]) GetIsCheaper(key string, opts ReadOptions) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	l.pending[key] = now
	l.dropPending(now)
	pages := (len(l.last.listed) + atlas.PageSize - 1) / atlas.PageSize
	return !l.serves(opts) && len(l.pending) < pages
}

// Waiting returns the number of awaited objects of the list.
func (l *List[T]) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropPending(l.clock.Now())
	return len(l.pending)
}

func (l *List[T]) dropPending(now time.Time) {
	maps.DeleteFunc(l.pending, func(_ string, at time.Time) bool { return now.Sub(at) > pendingLifetime })
}
