package atlas

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// token is an OAuth access token.
type token struct {
	value     Secret
	refreshAt time.Time // from here on another one is fetched on the side
	expiresAt time.Time
}

const (
	// firstHold and maxHold bound the time in which a failed fetch stands for the
	// next ones. Atlas allows few fetches per minute, and every object of a bad
	// credential would ask for one.
	firstHold = 250 * time.Millisecond
	maxHold   = 30 * time.Second
	// noUseHold is how long a project's 401 is taken as it is after another token
	// did not help: Atlas answers so for a project of another organisation, and
	// each try would use up one of the 100 tokens of the account.
	noUseHold = 5 * time.Minute
	// maxUseless bounds the projects that this is known of. As long as there are
	// so many, no other one's 401 is worth a token.
	maxUseless = 50
)

// tokenSource holds the one token of a service account.
//
// The client of golang.org/x/oauth2 was left aside: it fetches in the context
// of one caller, knows no early refresh, and its errors quote answers.
type tokenSource struct {
	endpoint *tokenEndpoint
	timeout  time.Duration
	flight   singleflight.Group

	mu       sync.Mutex
	current  token
	failure  error // of the last fetch, nil after a success
	failures int
	holdTill time.Time
	useless  map[string]time.Time // project: till when another token is not tried
	closed   bool
}

func newTokenSource(endpoint *tokenEndpoint, timeout time.Duration) *tokenSource {
	return &tokenSource{endpoint: endpoint, timeout: timeout, useless: map[string]time.Time{}}
}

const flightKey = "token"

// token returns a token that is not expired, and waits for one if it must.
// Two thirds through its life a token is replaced on the side; while that
// fails, it is used to its end.
func (s *tokenSource) token(ctx context.Context) (token, error) {
	held, settled, err := s.settled(time.Now())
	if settled {
		return held, err
	}
	flight := s.flight.DoChan(flightKey, s.refresh)
	if !held.value.IsZero() {
		return held, nil
	}
	select {
	case result := <-flight:
		if result.Err != nil {
			return token{}, result.Err
		}
		return result.Val.(token), nil
	case <-ctx.Done():
		// The fetch goes on: others wait for it, or will.
		return token{}, s.endpoint.givenUp(ctx)
	}
}

// settled says whether no fetch is due, and what there is: a token that can be
// used, or the error that stands for a fetch.
func (s *tokenSource) settled(now time.Time) (held token, settled bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return token{}, true, ErrClosed
	}
	onHold := s.failure != nil && now.Before(s.holdTill)
	if now.Before(s.current.expiresAt) {
		return s.current, onHold || now.Before(s.current.refreshAt), nil
	}
	if onHold {
		return token{}, true, s.failure
	}
	return token{}, false, nil
}

// refresh runs at most once at a time. Its context is nobody's: a caller who
// gives up must not take the token from the others.
func (s *tokenSource) refresh() (any, error) {
	if held, settled, err := s.settled(time.Now()); settled {
		return held, err // somebody was faster
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	fetched, err := s.endpoint.fetch(ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failure = err
		hold := min(firstHold<<min(s.failures, 10), maxHold)
		s.holdTill = time.Now().Add(max(hold, RetryAfter(err)))
		s.failures++
		return token{}, err
	}
	s.current, s.failure, s.failures = fetched, nil, 0
	return fetched, nil
}

// replace drops a token that a project's call was refused with, unless it is
// known that another one does not help. True when the call is worth another
// try.
func (s *tokenSource) replace(refused token, project string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.value != refused.value {
		return true // replaced already
	}
	now := time.Now()
	maps.DeleteFunc(s.useless, func(_ string, till time.Time) bool { return !now.Before(till) })
	if _, known := s.useless[project]; known || len(s.useless) >= maxUseless {
		return false
	}
	s.current = token{}
	return true
}

// noUse notes that a project's calls are refused with a new token too.
func (s *tokenSource) noUse(project string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.useless) < maxUseless {
		s.useless[project] = time.Now().Add(noUseHold)
	}
}

// close waits for a fetch under way, so that its token is not left behind, and
// revokes what is held.
func (s *tokenSource) close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case <-s.flight.DoChan(flightKey, s.refresh):
	case <-ctx.Done():
		return s.endpoint.givenUp(ctx)
	}
	s.mu.Lock()
	held := s.current
	s.current = token{}
	s.mu.Unlock()
	if !time.Now().Before(held.expiresAt) {
		return nil
	}
	return s.endpoint.revoke(ctx, held)
}
