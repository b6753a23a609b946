package atlas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	longestWait  = 2 * time.Second        // for the rate limit, by one call with its repeats
	longestPause = 15 * time.Minute       // that a 429 causes
	maxSpread    = 10 * time.Second       // by which calls are told to return later, so that not all return at once
	probeTime    = time.Second            // a server that does not answer for so long reports no limit
	maxBuckets   = 256                    // project ids are texts of users
	priorityLead = 500 * time.Millisecond // by which a call may arrive later than one of the next lower priority and precede it

	firstInterval, shortestInterval, longestInterval = 100 * time.Millisecond, time.Millisecond, 10 * time.Second
)

// limiter keeps the calls of one credential within Atlas's rate limits, by endpoint set. It sits where single HTTP
// exchanges pass: challenges, repeats and tokens count. docs/decisions/0008-rate-limits.md gives the reasons.
type limiter map[string]*limitedSet

type limitedSet struct {
	mu          sync.Mutex         // guards its buckets too
	buckets     map[string]*bucket // by project, or one for all under ""
	apart       bool               // two projects reported numbers that cannot come from one bucket
	lastProject string             // of the last report
	pausedUntil time.Time          // by a 429
	probeEnds   time.Time          // of finding out, with one call at a time, whether there is a limit
	changed     chan struct{}      // nil, or closed when calls that wait have to look again
}

// bucket is what the answers report about a token bucket of Atlas.
type bucket struct {
	set              *limitedSet
	limit, remaining float64      // of the last report; limit is 0 before
	inFlight         int          // reservations included
	started, newest  uint64       // calls, and the latest of them that reported
	last             time.Time    // start or report
	queue            []*time.Time // when calls arrived, later for lower priorities
	lastReturn       time.Time    // the latest that a call was told to return at

	// interval lies between calls when little remains. It was last changed when adjusted calls had started.
	interval time.Duration
	adjusted uint64
}

func newLimiter() limiter { return limiter{setStreams: {}, setPrivateEndpoints: {}, setTokens: {}} }

// limit is the layer of the transport. answerReader, below it, keeps the answer's body in memory.
func (l limiter) limit(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		ctx, start, x := req.Context(), time.Now(), exchangeOf(req.Context())
		r, err := l[x.set].reserve(ctx, x.project, priorityOf(ctx, x.priority), max(longestWait-x.held, 0))
		x.waited = time.Since(start)
		x.held += x.waited
		if err != nil {
			return nil, &wireError{err: err}
		}
		resp, err := next.RoundTrip(req)
		r.finish(req, resp)
		return resp, err
	})
}

// reserve waits until a call may start, unless the context has a reservation. It fails with a *keptBack, at once, when
// that takes longer than bound.
func (s *limitedSet) reserve(ctx context.Context, project string, p Priority, bound time.Duration) (*Reservation, error) {
	end := time.Now().Add(bound)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, _ := ctx.Value(reservationKey{}).(*Reservation); r.use(s, project) {
		return r, nil
	}
	b := s.bucket(project)
	rank := b.enqueue(p)
	defer b.leave(rank)
	for {
		now, ahead := time.Now(), slices.Index(b.queue, rank)
		wait, left := b.wait(now, ahead), end.Sub(now)
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return nil, ctx.Err()
		case wait <= 0 && ahead == 0:
			b.inFlight, b.started, b.last = b.inFlight+1, b.started+1, now
			return &Reservation{bucket: b, project: project, number: b.started}, nil
		case left <= 0 || wait > left:
			return nil, &keptBack{after: b.returnAfter(now, wait)}
		case ahead > 0:
			wait = left
		}
		s.sleep(ctx, wait)
	}
}

// sleep ends early when anything changes.
func (s *limitedSet) sleep(ctx context.Context, d time.Duration) {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	changed, timer := s.changed, time.NewTimer(d)
	defer timer.Stop()
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *limitedSet) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// bucket forgets all buckets when there are too many, which costs one probe for each.
func (s *limitedSet) bucket(project string) *bucket {
	if !s.apart {
		project = ""
	}
	if s.buckets[project] == nil {
		if s.buckets == nil || len(s.buckets) >= maxBuckets {
			s.buckets = map[string]*bucket{}
		}
		s.buckets[project], s.probeEnds = &bucket{set: s, interval: firstInterval}, time.Now().Add(probeTime)
	}
	return s.buckets[project]
}

func (b *bucket) enqueue(p Priority) *time.Time {
	rank := time.Now().Add(time.Duration(PriorityWrite-p) * priorityLead)
	at, _ := slices.BinarySearchFunc(b.queue, rank.Add(1), func(r *time.Time, t time.Time) int { return r.Compare(t) })
	b.queue = slices.Insert(b.queue, at, &rank)
	return &rank
}

func (b *bucket) leave(rank *time.Time) {
	at := slices.Index(b.queue, rank)
	b.queue = slices.Delete(b.queue, at, at+1)
	b.set.wake()
}

// wait is how long it takes until a call behind so many others may start, if no answer comes before. Some calls are left
// in the bucket for what the answers do not tell: other users, and the order of calls. Of the others a quarter may be in
// flight, so that several users see each other in time.
func (b *bucket) wait(now time.Time, ahead int) time.Duration {
	calls, free := float64(b.inFlight+ahead), b.remaining-min(max(b.limit/10, 1), 10, (b.limit-1)/2)
	start := b.last
	switch {
	case calls < free/4, b.limit == 0 && calls == 0:
		start = now
	case b.limit == 0:
		start = b.set.probeEnds
	case calls < free:
		start = start.Add(min(b.interval, probeTime))
	default:
		next := min(time.Duration(float64(b.interval)*max(1, 1-free)), longestInterval)
		if b.inFlight > 0 && float64(b.inFlight) >= b.remaining {
			next = max(next, probeTime)
		}
		start = start.Add(next + b.interval*time.Duration(ahead))
	}
	return max(start.Sub(now), b.set.pausedUntil.Sub(now))
}

// returnAfter gives calls that are kept back different times.
func (b *bucket) returnAfter(now time.Time, wait time.Duration) time.Duration {
	at := now.Add(max(b.set.pausedUntil.Sub(now), min(wait, longestInterval), firstInterval))
	if next := b.lastReturn.Add(b.interval); next.After(at) && next.Before(at.Add(maxSpread)) {
		at = next
	}
	b.lastReturn = at
	return at.Sub(now)
}

// finish ends a call and learns from its answer, nil if none came. The next answer tells whether that one counted.
func (r *Reservation) finish(req *http.Request, resp *http.Response) {
	b, s, now := r.bucket, r.bucket.set, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	b.end()
	if resp == nil {
		return
	}
	limit, remaining := rateHeaders(resp.Header)
	switch e := newStatusError(req, resp, bodyOf(resp)); {
	case resp.StatusCode >= 400 && IsRateLimited(e):
		b.refused(now, e.RetryAfter)
	case limit > 0:
		r.report(now, float64(limit), float64(remaining))
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusUnauthorized: // not counted, or not from Atlas
	case s.pausedUntil.IsZero():
		s.probeEnds = now
	case b.limit == 0 && now.After(s.probeEnds):
		b.interval = firstInterval
	}
}

func (b *bucket) end() {
	b.inFlight--
	b.set.wake()
}

// report takes in what remained. An answer that was overtaken can only lower it.
func (r *Reservation) report(now time.Time, limit, remaining float64) {
	b, s := r.bucket, r.bucket.set
	soon := now.Sub(b.last) <= firstInterval
	if !s.apart && s.lastProject != r.project && soon && b.limit > 0 && remaining-b.remaining > max(limit/4, 3) {
		s.apart = true
		return
	}
	if r.number < b.newest {
		b.remaining = min(b.remaining, remaining)
		return
	}
	if r.number > b.adjusted {
		switch interval := b.interval; {
		case remaining > b.remaining: // add at most one call a second, which lets users of one bucket converge
			b.interval = max(interval*2/3, time.Duration(float64(interval)/(1+interval.Seconds())), shortestInterval)
			b.adjusted = b.started
		case remaining < b.remaining && remaining < min(max(limit/10, 1), 10):
			b.interval = min(interval*3/2, longestInterval)
			b.adjusted = b.started
		}
	}
	b.limit, b.remaining, b.last, b.newest, s.lastProject = limit, remaining, now, r.number, r.project
}

// refused pauses the endpoint set after a 429, and has its projects share the bucket again.
func (b *bucket) refused(now time.Time, asked time.Duration) {
	s := b.set
	if asked == 0 {
		asked = b.interval
	}
	if until := now.Add(min(asked, longestPause)); until.After(s.pausedUntil) {
		s.pausedUntil, s.probeEnds = until, until.Add(probeTime)
	}
	s.apart, s.buckets = false, map[string]*bucket{"": b}
	b.remaining, b.interval = 0, min(2*b.interval, longestInterval)
}

// Reservation is a call that may start, for callers that write down that a call starts before it does. It counts as in
// flight until it is used or released, so release it in any case. It is safe for concurrent use.
type Reservation struct {
	bucket  *bucket
	project string
	number  uint64
	spent   bool
}

type reservationKey struct{}

// WithReservation returns a context whose first exchange for the reservation's project does not wait for the rate limit.
func WithReservation(ctx context.Context, r *Reservation) context.Context {
	return context.WithValue(ctx, reservationKey{}, r)
}

// Reserve waits until a call for the project's streams resources may start, with PriorityWrite unless the context has
// another. When that takes too long it fails at once with an *Error that IsRateLimited and says when to try again.
func (c *Client) Reserve(ctx context.Context, projectID string) (*Reservation, error) {
	const operation = "Reserve"
	if c.closed.Load() {
		return nil, fmt.Errorf("%s: %w", operation, ErrClosed)
	}
	c.used()
	r, err := c.limiter[setStreams].reserve(ctx, projectID, priorityOf(ctx, PriorityWrite), min(longestWait, c.timeout))
	if err != nil {
		e := &Error{Operation: operation, Method: http.MethodPost, URL: c.base.String() + streamsPath(projectID).escaped}
		return nil, e.because(err, &redactor{})
	}
	return r, nil
}

// Release gives back a reservation that was not used. It does nothing otherwise.
func (r *Reservation) Release() {
	if r == nil {
		return
	}
	r.bucket.set.mu.Lock()
	defer r.bucket.set.mu.Unlock()
	if !r.spent {
		r.spent = true
		r.bucket.end()
	}
}

// use spends a reservation, and is false where it is of no use: for other calls, spent before, or older than a pause.
func (r *Reservation) use(s *limitedSet, project string) bool {
	if r == nil || r.bucket.set != s || r.project != project || r.spent {
		return false
	}
	r.spent = true
	paused := time.Now().Before(s.pausedUntil)
	if paused {
		r.bucket.end()
	}
	return !paused
}
