package atlas

import (
	"net/http"
	"sync"
	"time"
)

// The endpoint sets, each of which Atlas limits by itself, as CallInfo names
// them.
const (
	setStreams          = "streams"
	setPrivateEndpoints = "privateEndpoints"
	setTokens           = "tokens"
)

const (
	// longestWait bounds the wait for a turn. Who would have to wait longer is
	// told so at once and can do something else meanwhile.
	longestWait = 5 * time.Second
	// longestPause bounds what is believed of a 429. A server that wants more is
	// asked once again after it.
	longestPause = 15 * time.Minute
	// firstPause follows a 429 that does not say how long to wait, and doubles
	// with each further one. A read that is repeated waits no less.
	firstPause = firstBackoff / 2
	maxPause   = 10 * time.Second
)

// limiter keeps the calls of one credential within Atlas's rate limits. It sits
// where single HTTP exchanges pass, so that challenges, repeats and the fetching
// of tokens are counted as Atlas counts them.
type limiter struct {
	streams, privateEndpoints, tokens *rateSet
}

func newLimiter() *limiter {
	return &limiter{streams: newRateSet(), privateEndpoints: newRateSet(), tokens: newRateSet()}
}

func (l *limiter) set(name string) *rateSet {
	switch name {
	case setTokens:
		return l.tokens
	case setPrivateEndpoints:
		return l.privateEndpoints
	default:
		return l.streams
	}
}

// limit is the layer: it waits for the exchange's turn and learns from its
// answer, whose body answerReader has in memory.
func (l *limiter) limit(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		ctx := req.Context()
		x := exchangeOf(ctx)
		b := l.set(x.set).bucket(x.project)
		asked := time.Now()
		t, err := b.turn(ctx, priorityOf(ctx, x.priority))
		x.waited = time.Since(asked)
		if err != nil {
			return nil, &wireError{err: err}
		}
		resp, err := next.RoundTrip(req)
		if err != nil {
			b.unanswered()
			return nil, err
		}
		b.answered(t, readRates(req, resp))
		return resp, nil
	})
}

// rateSet is an endpoint set. Whether Atlas counts its calls by project, by
// organisation, by user or by address is not known: each project has a model of
// its own, which follows what Atlas reports to this project's calls, and a 429
// stops all of them.
type rateSet struct {
	mu          sync.Mutex // of the buckets' content too
	buckets     map[string]*bucket
	pausedUntil time.Time
	refusals    int // 429s in a row
}

func newRateSet() *rateSet { return &rateSet{buckets: map[string]*bucket{}} }

func (s *rateSet) bucket(project string) *bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[project]
	if b == nil {
		b = &bucket{set: s}
		s.buckets[project] = b
	}
	return b
}

// pause stops the set after a 429. What waits is told by its timer, which finds
// the pause when it fires.
func (s *rateSet) pause(now time.Time, asked time.Duration) {
	if asked == 0 {
		asked = min(firstPause<<min(s.refusals, 10), maxPause)
	}
	s.refusals++
	until := now.Add(min(asked, longestPause))
	if until.After(s.pausedUntil) {
		s.pausedUntil = until
	}
	for _, b := range s.buckets {
		b.model.doubt(s.pausedUntil)
	}
}
