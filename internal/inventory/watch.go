package inventory

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// missedPolls is how many polls in a row an outage may make fail before those who watch are told.
const missedPolls = 3

// watcher waits for a list that shows its object otherwise than it was seen.
type watcher[T any] struct {
	key  string
	seen *T
	wake func()
}

// Watch polls the list as long as somebody watches, and calls wake, once and from another goroutine, as soon as a list
// shows the object of that key otherwise than it was seen, or not at all; or when Atlas refuses the list, or it has
// failed for three polls. Whoever was woken reads, and watches again. The poll uses the values of ctx and outlives it.
func (l *List[T]) Watch(ctx context.Context, key string, seen T, wake func()) (stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &watcher[T]{key: key, seen: &seen, wake: wake}
	if l.watchers == nil {
		l.watchers = map[*watcher[T]]struct{}{}
	}
	l.watchers[w] = struct{}{}
	if l.hasChanged(w) {
		l.dismiss(w) // between the read and this call
	}
	if l.timer == nil {
		l.schedule(context.WithoutCancel(ctx))
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watchers, w)
	}
}

// watched reports whether the list is polled.
func (l *List[T]) watched() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.watchers) > 0
}

// schedule sets the timer for the next poll. A list that failed is tried again when its pause is over.
func (l *List[T]) schedule(ctx context.Context) {
	interval := l.interval + rand.N(l.interval/10+1)
	next := l.last.Begun.Add(interval)
	if l.failure != nil {
		next = l.retryAt
	}
	pause := max(next.Sub(l.clock.Now()), time.Millisecond)
	l.timer = l.clock.AfterFunc(pause, func() { go l.poll(ctx) })
}

// poll reads the list unless it was read lately, and goes on as long as there are watchers.
func (l *List[T]) poll(ctx context.Context) {
	if !l.watched() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.timer = nil; len(l.watchers) > 0 {
			l.schedule(ctx) // somebody came meanwhile
		}
		return
	}
	_, err := l.Read(ctx, ReadOptions{NotBefore: l.clock.Now().Add(-l.interval), Routine: true})
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && (isRefusal(err) || l.clock.Now().Sub(l.failingSince) >= missedPolls*l.interval) {
		for w := range l.watchers {
			l.dismiss(w)
		}
	}
	l.schedule(ctx)
}

// isRefusal reports whether a list failed for a reason that time alone does not mend.
func isRefusal(err error) bool {
	_, answered := atlas.AsError(err)
	return !answered || errors.Is(err, atlas.ErrClosed) || !atlas.IsUnavailable(err) && !atlas.IsRateLimited(err) && !atlas.IsForeign(err)
}

// notify wakes those whose object the newest list shows otherwise than they saw it.
func (l *List[T]) notify() {
	for w := range l.watchers {
		if l.hasChanged(w) {
			l.dismiss(w)
		}
	}
}

// hasChanged compares, and where nothing changed lets the watcher share the memory of the list.
func (l *List[T]) hasChanged(w *watcher[T]) bool {
	if l.last.Begun.IsZero() {
		return false
	}
	object := l.last.find(w.key)
	if object == nil || sameOr(w.seen, object) != w.seen {
		return true
	}
	w.seen = object
	return false
}

func (l *List[T]) dismiss(w *watcher[T]) {
	delete(l.watchers, w)
	go w.wake()
}
