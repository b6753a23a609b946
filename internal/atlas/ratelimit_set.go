package atlas

import (
	"context"
	"maps"
	"sync"
	"time"
)

const (
	// longestPause bounds what is believed of a 429. A server that wants more is
	// asked once again after it.
	longestPause = 15 * time.Minute
	// firstPause follows a 429 that does not say how long to wait, and doubles
	// with each further one up to maxPause. A read that is repeated waits no less.
	firstPause = firstBackoff / 2
	maxPause   = 10 * time.Second
	// soonAfter is how close two answers must be to be compared: in between a
	// bucket fills up.
	soonAfter = 100 * time.Millisecond
	// maxBuckets bounds the buckets of projects, whose ids are texts of users. One
	// that nothing was heard of for bucketRest is dropped then.
	maxBuckets = 256
	bucketRest = time.Minute
)

// rateSet is an endpoint set. A 429 stops all of it.
//
// Whether Atlas counts by project, by organisation, by user or by address is
// not said. One bucket is assumed for all projects until two of them are told
// numbers that cannot come from the same one; from then on each has its own. A
// 429 begins this anew, for it may be that the conclusion was wrong.
type rateSet struct {
	mu          sync.Mutex // of the buckets' content too
	common      *bucket
	apart       bool // each project has its own
	projects    map[string]*bucket
	lastProject string // that the common bucket had an answer for

	pausedUntil time.Time
	refusals    int // 429s in a row
}

func newRateSet() *rateSet {
	s := &rateSet{projects: map[string]*bucket{}}
	s.common = &bucket{set: s}
	return s
}

func (s *rateSet) bucket(project string) *bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.apart {
		return s.common
	}
	if b := s.projects[project]; b != nil {
		return b
	}
	if len(s.projects) >= maxBuckets {
		now := time.Now()
		maps.DeleteFunc(s.projects, func(_ string, b *bucket) bool { return b.rests(now) })
	}
	if len(s.projects) >= maxBuckets {
		return s.common
	}
	b := &bucket{set: s}
	s.projects[project] = b
	return b
}

// turn waits until an exchange may take place, using the context's permit if
// there is one. Its error is a *keptBack or the context's.
func (s *rateSet) turn(ctx context.Context, project string, p Priority, atMost time.Duration) (turn, error) {
	end := time.Now().Add(atMost)
	if t, ok := permitOf(ctx).use(s, project); ok {
		return t, nil
	}
	for {
		b := s.bucket(project)
		if err := b.reserve(ctx, p, max(time.Until(end), 0)); err != nil {
			return turn{}, err
		}
		if t, ok := b.start(); ok {
			return t, nil
		}
	}
}

// foreign finds out from an answer that the common bucket has not taken in yet
// whether it is of another bucket, and sets the projects apart if it is.
func (s *rateSet) foreign(now time.Time, t turn, project string, r rates) bool {
	if r.limit < 0 || r.limited {
		return false
	}
	m := &s.common.model
	compare := m.capacity > 0 && now.Sub(m.told) <= soonAfter && s.lastProject != project
	if compare && m.surplus(now, t, float64(r.remaining)) > max(m.capacity/4, 3) {
		s.apart = true
		return true
	}
	s.lastProject = project
	return false
}

// pause stops the set after a 429. What waits is told by its timer, which finds
// the pause when it fires.
func (s *rateSet) pause(now time.Time, r rates) {
	asked := r.asked
	if asked == 0 {
		asked = min(firstPause<<min(s.refusals, 10), maxPause)
	}
	s.refusals++
	if until := now.Add(min(asked, longestPause)); until.After(s.pausedUntil) {
		s.pausedUntil = until
	}
	if s.apart {
		s.apart = false
		s.common.model.drained(now, r)
	}
	s.common.model.doubt(s.pausedUntil)
}
