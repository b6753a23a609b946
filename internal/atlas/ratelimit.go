package atlas

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	longestWait   = 2500 * time.Millisecond // for the rate limit, by one call with its retries
	longestPause  = 15 * time.Minute        // that a server can require
	longestDelay  = 10 * time.Second        // between two calls, and random delay that spreads retries
	probeTime     = time.Second             // if a server does not respond for this long, the limit is unknown
	maxBuckets    = 256                     // project IDs come from users
	priorityLead  = 150 * time.Millisecond  // how much later a call may arrive than one of the next lower priority and still precede it
	priorityStep  = 300 * time.Millisecond  // required lead of the place in the queue, so that lists are not starved
	firstInterval = 100 * time.Millisecond
)

// limiter keeps every HTTP exchange of one credential within the rate limits:
// docs/decisions/0008-rate-limits.md
type limiter map[string]*limitedSet

type limitedSet struct {
	mu          sync.Mutex         // guards the buckets too
	buckets     map[string]*bucket // by project, or one shared bucket under ""
	apart       bool               // two projects reported numbers that cannot come from one bucket
	lastProject string             // of the last report
	pausedUntil time.Time          // because of a 429
	probeEnds   time.Time          // of the one call at a time that detects whether there is a limit
	changed     chan struct{}      // closed to wake up waiting calls
}

// bucket is the state of an Atlas token bucket as derived from responses.
type bucket struct {
	set              *limitedSet
	limit, remaining float64       // of the last report; limit is 0 before the first
	inFlight         int           // reservations included
	started, newest  uint64        // calls, and the latest of them that reported
	last             time.Time     // start or report
	interval         time.Duration // between calls when little remains
	lastReturn       time.Time     // the latest return time given to a call
	queue            []*time.Time  // arrival times, shifted by priority
}

func newLimiter() limiter {
	return limiter{setStreams: newSet(), setPrivateEndpoints: newSet(), setTokens: newSet()}
}
func newSet() *limitedSet { return &limitedSet{changed: make(chan struct{})} }

// reserve waits until a call may start, unless the context has a reservation for it. It fails
// immediately with a *keptBack if that would take longer than bound.
func (s *limitedSet) reserve(ctx context.Context, project string, p priority, bound time.Duration) (*Reservation, error) {
	end := time.Now().Add(bound)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, _ := ctx.Value(reservationKey{}).(*Reservation); r.serves(s, project) {
		r.spent = true
		if !time.Now().Before(s.pausedUntil) {
			return r, nil
		}
		r.bucket.end()
	}
	b := s.bucket(project)
	arrival := b.enqueue(p)
	defer b.leave(arrival)
	for {
		now, ahead := time.Now(), slices.Index(b.queue, arrival)
		wait, left := b.wait(now, ahead), end.Sub(now)
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return nil, ctx.Err()
		case wait <= 0 && ahead == 0:
			b.inFlight, b.started, b.last = b.inFlight+1, b.started+1, now
			return &Reservation{bucket: b, project: project, number: b.started}, nil
		case left <= 0 || wait > left || ahead > 0 && b.limit > 0 && wait > left-time.Duration(p-priorityList)*priorityStep:
			return nil, &keptBack{after: b.returnAfter(now, wait)}
		case ahead > 0:
			wait = left // until the calls ahead leave
		}
		s.sleep(ctx, wait)
	}
}

func (s *limitedSet) sleep(ctx context.Context, d time.Duration) {
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
	close(s.changed)
	s.changed = make(chan struct{})
}

// bucket drops all buckets if there are too many. Each then costs one probe.
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

func (b *bucket) enqueue(p priority) *time.Time {
	arrival := time.Now().Add(time.Duration(priorityWrite-p) * priorityLead)
	at, _ := slices.BinarySearchFunc(b.queue, arrival.Add(1), func(a *time.Time, t time.Time) int { return a.Compare(t) })
	b.queue = slices.Insert(b.queue, at, &arrival)
	return &arrival
}

func (b *bucket) leave(arrival *time.Time) {
	b.queue = slices.DeleteFunc(b.queue, func(other *time.Time) bool { return other == arrival })
	b.set.wake()
}

// spare is kept in a bucket for what responses do not show: other users, and the order of calls.
func spare(limit float64) float64 { return min(max(limit/10, 1), 10, (limit-1)/2) }

// wait returns how long a call behind ahead others waits if no response arrives. At most a quarter
// of what remains may be in flight, so that several users of a bucket notice each other in time.
func (b *bucket) wait(now time.Time, ahead int) time.Duration {
	calls, free, start := float64(b.inFlight+ahead), b.remaining-spare(b.limit), b.last
	switch {
	case calls < free/4, b.limit == 0 && calls == 0:
		start = now
	case b.limit == 0:
		start = b.set.probeEnds
	case calls < free:
		start = start.Add(min(b.interval, probeTime))
	default:
		start = start.Add(min(time.Duration(float64(b.interval)*(calls-free+1)), longestDelay))
	}
	return max(start.Sub(now), b.set.pausedUntil.Sub(now))
}

// returnAfter spreads the return times of calls that are held back.
func (b *bucket) returnAfter(now time.Time, wait time.Duration) time.Duration {
	at := now.Add(max(wait, firstInterval))
	if next := b.lastReturn.Add(b.interval); next.After(at) && next.Before(at.Add(longestDelay)) {
		at = next
	}
	b.lastReturn = at
	return at.Sub(now)
}

func (b *bucket) end() {
	b.inFlight--
	b.set.wake()
}

// finish ends a call and learns from its response. If resp is nil, the next response shows whether
// Atlas counted the call.
func (r *Reservation) finish(resp *http.Response) {
	b, s, now := r.bucket, r.bucket.set, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	b.end()
	if resp == nil {
		return
	}
	var failure *Error
	if resp.StatusCode >= 400 {
		failure = newStatusError(resp)
	}
	limit, remaining := rateHeaders(resp.Header)
	switch {
	case failure != nil && IsRateLimited(failure):
		b.refused(now, failure.RetryAfter)
	case limit > 0:
		r.report(now, float64(limit), float64(remaining))
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusUnauthorized: // not counted, or not from Atlas
	case b.limit == 0 && (s.pausedUntil.IsZero() || now.After(s.probeEnds)):
		s.probeEnds, b.interval = now, firstInterval
	}
}

// report records the remaining calls. A response that was overtaken can only lower the value.
func (r *Reservation) report(now time.Time, limit, remaining float64) {
	b, s := r.bucket, r.bucket.set
	switch compare := !s.apart && b.limit > 0 && s.lastProject != r.project && now.Sub(b.last) <= firstInterval; {
	case compare && remaining-b.remaining > max(limit/4, 3):
		s.apart = true
		return
	case r.number < b.newest:
		b.remaining = min(b.remaining, remaining)
		return
	case b.remaining > spare(limit): // the interval was not in force
	case remaining > b.remaining: // at most one more call per second, so that several users of a bucket converge
		b.interval = max(b.interval*2/3, time.Duration(float64(b.interval)/(1+b.interval.Seconds())))
	case remaining < b.remaining:
		b.interval = min(b.interval*3/2, longestDelay)
	}
	b.limit, b.remaining, b.last, b.newest, s.lastProject = limit, remaining, now, r.number, r.project
}

// refused pauses the endpoint set after a 429 and makes its projects share one bucket again.
func (b *bucket) refused(now time.Time, asked time.Duration) {
	s := b.set
	if until := now.Add(cmp.Or(asked, b.interval)); until.After(s.pausedUntil) {
		s.pausedUntil, s.probeEnds = until, until.Add(probeTime)
	}
	s.apart, s.buckets = false, map[string]*bucket{"": b}
	b.remaining, b.interval = 0, min(2*b.interval, longestDelay)
}

// Reservation permits one call. It counts as in flight until it is used or released. Always release
// it.
type Reservation struct {
	bucket  *bucket
	project string
	number  uint64
	spent   bool
}

type reservationKey struct{}

func (r *Reservation) serves(s *limitedSet, project string) bool {
	return r != nil && r.bucket.set == s && r.project == project && !r.spent
}

// WithReservation returns a context whose first exchange for the reservation's project skips the
// rate limit.
func WithReservation(ctx context.Context, r *Reservation) context.Context {
	return context.WithValue(ctx, reservationKey{}, r)
}

// Release gives back an unused reservation. It is a no-op for a used one.
func (r *Reservation) Release() {
	if r != nil {
		r.bucket.set.mu.Lock()
		defer r.bucket.set.mu.Unlock()
		if !r.spent {
			r.spent = true
			r.bucket.end()
		}
	}
}
