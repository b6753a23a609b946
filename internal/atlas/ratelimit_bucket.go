package atlas

import (
	"context"
	"errors"
	"time"
)

// keptBack is why an exchange did not take place: its turn would have come too
// late.
type keptBack struct {
	// after is when to come back.
	after time.Duration
}

func (*keptBack) Error() string { return "kept back by the rate limit" }

// isKeptBack finds a keptBack also in the failure of a token that the call
// needed.
func isKeptBack(err error) bool {
	if e, ok := AsError(err); ok {
		return e.keptBack
	}
	_, ok := errors.AsType[*keptBack](err)
	return ok
}

const (
	// longestWait bounds what one call waits for the rate limit, its repeats
	// counted in. Who would have to wait longer is told so at once and can do
	// something else meanwhile.
	longestWait = 2 * time.Second
	// soonest is when a caller who is kept back may come back at the earliest,
	// maxDelay how much later than necessary that is for the sake of the others.
	soonest  = 100 * time.Millisecond
	maxDelay = 15 * time.Second
)

// bucket lets exchanges through: at once as long as the model has enough left,
// else one by one as it fills up.
type bucket struct {
	set   *rateSet // its mutex guards the following
	model model
	queue queue
	// timer is nil or running while somebody waits.
	timer *time.Timer
	// promised is the latest time that somebody was told to come back at.
	promised time.Time
}

// reserve waits for a place, which start or cancel must follow.
func (b *bucket) reserve(ctx context.Context, p Priority, atMost time.Duration) error {
	w, err := b.enter(ctx, p, atMost)
	if w == nil {
		return err
	}
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	case <-timer.C:
	}
	return b.leave(ctx, w)
}

// enter gives a place at once (nil, nil), or one in the queue, or none.
func (b *bucket) enter(ctx context.Context, p Priority, bound time.Duration) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.set.mu.Lock()
	defer b.set.mu.Unlock()
	now := time.Now()
	wait := b.wait(now, b.queue.ahead(p))
	if wait == 0 && b.queue.empty() {
		b.model.reserve(now)
		return nil, nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		bound = min(bound, max(deadline.Sub(now), 0))
	}
	if b.model.refill.guessed() {
		wait = b.wait(now, 0) // nobody is sent away for a guess
	}
	if wait > bound {
		return nil, &keptBack{after: b.appoint(now, wait)}
	}
	w := b.queue.push(p)
	b.dispatch(now)
	return w, nil
}

// leave gives up a place in the queue. It is nil when the turn came all the
// same.
func (b *bucket) leave(ctx context.Context, w *waiter) error {
	b.set.mu.Lock()
	defer b.set.mu.Unlock()
	if !b.queue.remove(w) {
		return nil
	}
	now := time.Now()
	b.dispatch(now)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &keptBack{after: b.appoint(now, b.wait(now, b.queue.ahead(w.priority)))}
}

// start turns a place into an exchange, unless Atlas has asked for a pause
// since. The place is gone in either case.
func (b *bucket) start() (turn, bool) {
	b.set.mu.Lock()
	defer b.set.mu.Unlock()
	now := time.Now()
	if now.Before(b.set.pausedUntil) {
		b.model.cancel()
		return turn{}, false
	}
	t := b.model.start()
	t.bucket = b
	return t, true
}

func (b *bucket) cancel() {
	b.change(func(time.Time) { b.model.cancel() })
}

// unanswered ends an exchange of which nothing came back.
func (b *bucket) unanswered() {
	b.change(func(time.Time) { b.model.unanswered() })
}

// answered ends an exchange and takes in what its answer says.
func (b *bucket) answered(t turn, project string, r rates) {
	b.change(func(now time.Time) {
		if b == b.set.common && b.set.foreign(now, t, project, r) {
			b.model.unanswered() // the answer is of another bucket
		} else {
			b.model.answered(now, t, r)
		}
		if r.limited {
			b.set.pause(now, r)
		} else if r.judged {
			b.set.refusals = 0
		}
	})
}

func (b *bucket) change(change func(now time.Time)) {
	b.set.mu.Lock()
	defer b.set.mu.Unlock()
	now := time.Now()
	change(now)
	b.dispatch(now)
}

// rests says that nothing would be lost with the bucket.
func (b *bucket) rests(now time.Time) bool {
	return b.queue.empty() && b.model.underWay() == 0 && now.Sub(b.model.told) >= bucketRest
}

// wait is how long it takes until there is a place for who has so many before
// them.
func (b *bucket) wait(now time.Time, ahead int) time.Duration {
	return max(b.set.pausedUntil.Sub(now), b.model.wait(now, ahead), 0)
}

// appoint says when to come back. Callers get times one after the other, so
// that they do not all come back at the same time to be sent away again.
func (b *bucket) appoint(now time.Time, wait time.Duration) time.Duration {
	at := now.Add(max(wait, soonest))
	if next := b.promised.Add(b.model.interval()); next.After(at) && next.Before(at.Add(maxDelay)) {
		at = next
	}
	b.promised = at
	return at.Sub(now)
}

// dispatch gives places to who is next as long as there are some, and sees to
// it that it is called again when there is one more.
func (b *bucket) dispatch(now time.Time) {
	for !b.queue.empty() {
		if wait := b.wait(now, 0); wait > 0 {
			b.wakeIn(wait)
			return
		}
		b.model.reserve(now)
		close(b.queue.pop().granted)
	}
	if b.timer != nil {
		b.timer.Stop()
	}
}

func (b *bucket) wakeIn(wait time.Duration) {
	if b.timer == nil {
		b.timer = time.AfterFunc(wait, b.wake)
		return
	}
	b.timer.Reset(wait)
}

func (b *bucket) wake() { b.change(func(time.Time) {}) }
