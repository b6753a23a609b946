package inventory

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// missedPolls is the number of consecutive failed polls after which watchers are woken.
const missedPolls = 3

// watcher waits for a list in which its object differs from seen.
type watcher[T object] struct {
	key  string
	seen *T
	wake func()
}

// Watch polls the list while it has watchers and calls wake once, on another goroutine, as soon as the object of that
// key differs from seen or is absent, Atlas rejects the list, or three polls in a row fail. After wake, read again and
// start a new Watch. The poll uses the values of ctx and outlives it.
func (l *List[T]) Watch(ctx context.Context, key string, seen T, wake func()) (stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &watcher[T]{key: key, seen: &seen, wake: wake}
	l.watchers[w] = struct{}{}
	if l.hasChanged(w) {
		l.dismiss(w) // the list changed between the read and this call
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

// schedule sets the timer for the next poll. A failed list is retried when its pause ends.
func (l *List[T]) schedule(ctx context.Context) {
	next := l.last.Begun.Add(l.interval + rand.N(l.interval/10+1))
	if next.Before(l.retryAt) {
		next = l.retryAt
	}
	l.timer = l.clock.AfterFunc(max(next.Sub(l.clock.Now()), time.Millisecond), func() { go l.poll(ctx) })
}

// poll reads the list unless it was read recently, and continues while there are watchers.
func (l *List[T]) poll(ctx context.Context) {
	l.mu.Lock()
	if len(l.watchers) == 0 {
		l.timer = nil
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
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

// isRefusal reports whether a list failed for a reason that does not pass by itself.
func isRefusal(err error) bool {
	_, answered := atlas.AsError(err)
	return !answered || errors.Is(err, atlas.ErrClosed) || !atlas.IsUnavailable(err) && !atlas.IsRateLimited(err) && !atlas.IsForeign(err)
}

// hasChanged compares the object. If it is unchanged, the watcher shares the list's copy to save memory.
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
