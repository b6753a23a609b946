package atlas

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// defaultTokenLife is the documented lifetime, for a response without one.
	defaultTokenLife = time.Hour
	// firstHold and maxHold bound how long a failed fetch is cached. Atlas allows few token
	// requests per minute, and without the cache every object with invalid credentials would make
	// one.
	firstHold = 250 * time.Millisecond
	maxHold   = 30 * time.Second
	// noUseHold is how long a project's 401 is final after a new token did not help, times the
	// number of such projects. Atlas returns a 401 for a project of another organisation, and each
	// retry would use one of the account's 100 tokens.
	noUseHold = 5 * time.Minute
	// maxUseless limits the number of such projects. At the limit, no 401 of another project
	// triggers a new token.
	maxUseless = 50

	tokenPath = "/api/oauth/token"
)

// tokenSource holds the one token of a service account.
//
// golang.org/x/oauth2 is not used: it fetches with one caller's context, has no early refresh, and
// its errors contain responses.
type tokenSource struct {
	client *Client
	chain  http.RoundTripper // without authentication

	mu       sync.Mutex
	current  token
	fetching chan struct{} // closed at the end of the fetch in flight, nil if there is none
	failure  error         // of the last fetch, nil after a success
	failures int
	holdTill time.Time
	useless  map[string]time.Time // project: until when a new token is not tried
	closed   bool
}

// token is an OAuth access token.
type token struct {
	value     Secret
	refreshAt time.Time // time of the background refresh
	expiresAt time.Time
}

// token returns a valid token and waits for one if necessary. After two thirds of its lifetime a
// token is refreshed in the background; if that fails, the old one is used until it expires.
func (s *tokenSource) token(ctx context.Context) (token, error) {
	for {
		held, fetching, err := s.held(time.Now()) //nolint:contextcheck // a cancelled caller must not fail the others
		if fetching == nil {
			return held, err
		}
		select {
		case <-fetching:
		case <-ctx.Done():
			return token{}, s.contextError(ctx) // the fetch continues, for other callers
		}
	}
}

// held returns the valid token, the cached error, or the fetch to wait for. It starts a fetch if
// one is due and none is in flight.
func (s *tokenSource) held(now time.Time) (held token, fetching <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	valid, onHold := now.Before(s.current.expiresAt), s.failure != nil && now.Before(s.holdTill)
	if s.closed {
		return token{}, nil, ErrClosed
	}
	if s.fetching == nil && !onHold && !now.Before(s.current.refreshAt) {
		s.fetching = make(chan struct{})
		go s.refresh()
	}
	switch {
	case valid:
		return s.current, nil, nil
	case onHold:
		return token{}, nil, s.failure
	default:
		return token{}, s.fetching, nil
	}
}

func (s *tokenSource) refresh() {
	ctx, cancel := context.WithTimeout(context.Background(), s.client.timeout)
	defer cancel()
	fetched, err := s.fetch(ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.fetching)
	s.fetching = nil
	if err == nil {
		s.current, s.failure, s.failures = fetched, nil, 0
		return
	}
	s.failure = err
	hold := min(firstHold<<min(s.failures, 10), maxHold)
	s.holdTill = time.Now().Add(max(hold, RetryAfter(err)))
	s.failures++
}

// replace reports whether to retry a project's call whose token Atlas rejected, and drops that
// token. It drops none where a new one is known not to help, as it did not for a retried call.
func (s *tokenSource) replace(refused token, project string, retried bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(s.useless, func(_ string, till time.Time) bool { return !now.Before(till) })
	_, known := s.useless[project]
	switch full := len(s.useless) >= maxUseless; {
	case retried:
		if !full {
			s.useless[project] = now.Add(noUseHold * time.Duration(1+len(s.useless)))
		}
		return false
	case s.current.value != refused.value:
		return true // replaced already
	case known || full:
		return false
	}
	s.current = token{}
	return true
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
		if err != nil || !refusesCredentials(resp) || !s.replace(used, x.project, retried) {
			return resp, err
		}
	}
}

// close waits for a fetch in flight, so that its token is not left behind, and revokes the current
// token.
func (s *tokenSource) close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	fetching := s.fetching
	s.mu.Unlock()
	if fetching != nil {
		select {
		case <-fetching:
		case <-ctx.Done():
			return s.contextError(ctx)
		}
	}
	s.mu.Lock()
	held := s.current
	s.current = token{}
	s.mu.Unlock()
	if !time.Now().Before(held.expiresAt) {
		return nil
	}
	form := url.Values{"token": {held.value.Reveal()}, "token_type_hint": {"access_token"}}
	return s.post(ctx, "RevokeToken", "/api/oauth/revoke", form, anything)
}

func (s *tokenSource) fetch(ctx context.Context) (token, error) {
	asked := time.Now()
	var answer struct {
		AccessToken text `json:"access_token"`
		ExpiresIn   text `json:"expires_in"`
	}
	err := s.post(ctx, "FetchToken", tokenPath, url.Values{"grant_type": {"client_credentials"}}, func(body []byte) error {
		if err := decode(body, &answer); err != nil || answer.AccessToken != "" {
			return err
		}
		return errUnexpectedJSON
	})
	if err != nil {
		return token{}, err
	}
	return newToken(NewSecret(string(answer.AccessToken)), string(answer.ExpiresIn), asked), nil
}

// newToken counts a token's lifetime from the request and ends it a little early, to allow for the
// time that a request takes to reach Atlas.
func newToken(value Secret, expiresIn string, asked time.Time) token {
	life := defaultTokenLife
	if seconds, err := strconv.ParseFloat(expiresIn, 64); err == nil && seconds >= 1 {
		life = time.Duration(min(seconds, 24*60*60) * float64(time.Second))
	}
	return token{
		value:     value,
		refreshAt: asked.Add(life * 2 / 3),
		expiresAt: asked.Add(life - min(life/10, 10*time.Second)),
	}
}

func (s *tokenSource) post(ctx context.Context, operation, path string, form url.Values, read func([]byte) error) error {
	account := s.client.credentials
	x := &exchange{operation: operation, set: setTokens, priority: priorityWrite}
	x.redact.add(account.Secret, NewSecret(form.Get("token")))
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.client.base.String()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.SetBasicAuth(account.ID, account.Secret.Reveal())
	x.redact.add(NewSecret(strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")))
	req.Header.Set("User-Agent", s.client.userAgent)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(s.chain, req, read)
}

// contextError is the error of a caller whose context ended before a token arrived.
func (s *tokenSource) contextError(ctx context.Context) error {
	e := &Error{Operation: "FetchToken", Method: http.MethodPost, URL: s.client.base.String() + tokenPath, token: true}
	return e.because(ctx.Err(), &redactor{})
}
