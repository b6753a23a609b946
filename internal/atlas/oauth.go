package atlas

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// token is an OAuth access token.
type token struct {
	value     Secret
	refreshAt time.Time // time of the background refresh
	expiresAt time.Time
}

const (
	// firstHold and maxHold bound how long a failed fetch is cached. Atlas allows few token
	// requests per minute, and without the cache every object with invalid credentials would make
	// one.
	firstHold = 250 * time.Millisecond
	maxHold   = 30 * time.Second
	// noUseHold is how long a project's 401 is final after a new token did not help. Atlas returns
	// a 401 for a project of another organisation, and each retry would use one of the account's
	// 100 tokens.
	noUseHold = 5 * time.Minute
	// maxUseless limits the number of such projects. At the limit, no 401 of another project
	// triggers a new token.
	maxUseless = 50
)

// tokenSource holds the one token of a service account.
//
// golang.org/x/oauth2 is not used: it fetches with one caller's context, has no early refresh, and
// its errors contain responses.
type tokenSource struct {
	endpoint *tokenEndpoint
	flight   singleflight.Group

	mu       sync.Mutex
	current  token
	failure  error // of the last fetch, nil after a success
	failures int
	holdTill time.Time
	useless  map[string]time.Time // project: until when a new token is not tried
	closed   bool
}

const flightKey = "token"

// token returns a valid token and waits for one if necessary. After two thirds of its lifetime a
// token is refreshed in the background; if that fails, the old one is used until it expires.
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
		// The fetch continues, for other callers.
		return token{}, s.endpoint.contextError(ctx)
	}
}

// settled reports whether no fetch is due. If so, it returns the valid token or the cached error.
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

// refresh runs at most once at a time. It does not use a caller's context, because a cancelled
// caller must not fail the others.
func (s *tokenSource) refresh() (any, error) {
	if held, settled, err := s.settled(time.Now()); settled {
		return held, err // another caller was faster
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.endpoint.client.timeout)
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

// replace drops a token that Atlas rejected for a project, unless a new token is known not to help.
// It reports whether to retry the call.
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

// markUseless records that a project's calls are rejected even with a new token.
func (s *tokenSource) markUseless(project string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.useless) < maxUseless {
		s.useless[project] = time.Now().Add(noUseHold)
	}
}

// authenticate is the layer that sends a service account's token. If Atlas rejects the token with a
// 401, the token is dropped and the request is retried once with a new one.
func (s *tokenSource) authenticate(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	x := exchangeOf(req)
	for retried := false; ; retried = true {
		used, err := s.token(req.Context())
		if err != nil {
			return nil, err
		}
		attempt := req.Clone(req.Context())
		if attempt.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
		x.redact.add(used.value)
		attempt.Header.Set("Authorization", "Bearer "+used.value.Reveal())
		resp, err := next.RoundTrip(attempt)
		switch {
		case err != nil || !refusesCredentials(resp):
			return resp, err
		case retried:
			s.markUseless(x.project)
			return resp, nil
		case !s.replace(used, x.project):
			return resp, nil
		}
	}
}

// close waits for a fetch in flight, so that its token is not left behind, and revokes the current
// token.
func (s *tokenSource) close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case <-s.flight.DoChan(flightKey, s.refresh):
	case <-ctx.Done():
		return s.endpoint.contextError(ctx)
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
