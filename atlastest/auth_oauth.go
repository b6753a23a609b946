package atlastest

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

const invalidToken = `Bearer error="invalid_token"`

type token struct {
	clientID string
	expires  time.Time
}

// oauthError is the error body of the token service, RFC 6749 section 5.2.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func newOAuthError(status int, code, description string) *apiError {
	err := newError(status, code, description)
	err.oauth = &oauthError{Error: code, Description: description}
	return err
}

// issueToken implements the client credentials grant.
func issueToken(s *Server, c *call) (int, any, *apiError) {
	account, form, err := c.tokenClient(s)
	if err != nil {
		return 0, nil, err
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		return 0, nil, newOAuthError(http.StatusBadRequest, "unsupported_grant_type",
			"The grant type must be client_credentials.")
	}
	if err := s.tokenRate(account, c.now); err != nil {
		return 0, nil, err
	}
	if s.liveTokens(account.id) >= s.cfg.tokenLimit {
		return 0, nil, newOAuthError(http.StatusForbidden, "access_denied",
			"Access Token limit reached. Revoke tokens that are not needed or wait until they expire.")
	}
	value := "simulated." + rand.Text() + rand.Text()
	s.tokens[value] = &token{clientID: account.id, expires: c.now.Add(s.cfg.tokenLifetime)}
	return http.StatusOK, map[string]any{
		"access_token": value,
		"token_type":   "Bearer",
		"expires_in":   int(s.cfg.tokenLifetime / time.Second),
	}, nil
}

// revokeToken succeeds for unknown tokens, as required by RFC 7009.
func revokeToken(s *Server, c *call) (int, any, *apiError) {
	account, form, err := c.tokenClient(s)
	if err != nil {
		return 0, nil, err
	}
	value := form.Get("token")
	if value == "" {
		return 0, nil, newOAuthError(http.StatusBadRequest, "invalid_request", "The parameter token is missing.")
	}
	if t := s.tokens[value]; t != nil && t.clientID == account.id {
		delete(s.tokens, value)
	}
	return http.StatusOK, map[string]any{}, nil
}

// tokenClient checks the Basic credentials and parses the form of a token request.
func (c *call) tokenClient(s *Server) (*credential, url.Values, *apiError) {
	id, secret, ok := c.request.BasicAuth()
	account := s.credentials[formDecoded(id)]
	if !ok || account == nil || !account.serviceAccount || account.disabled || !sameSecret(secret, account.secret) {
		err := newOAuthError(http.StatusUnauthorized, "invalid_client", "Client authentication failed.")
		err.header.Set("WWW-Authenticate", `Basic realm="oauth"`)
		return nil, nil, err
	}
	s.log.identify(c.entry, account.id)
	if !isForm(c.request.Header.Get("Content-Type")) {
		return nil, nil, newOAuthError(http.StatusBadRequest, "invalid_request", "The body must be a form.")
	}
	form, err := url.ParseQuery(string(c.raw))
	if err != nil {
		return nil, nil, newOAuthError(http.StatusBadRequest, "invalid_request", "The form is malformed.")
	}
	return account, form, nil
}

// formDecoded reverts the form encoding that RFC 6749 requires inside Basic.
func formDecoded(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// sameSecret accepts a secret with or without form encoding, because clients differ.
func sameSecret(sent, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(sent), []byte(secret)) == 1 ||
		subtle.ConstantTimeCompare([]byte(formDecoded(sent)), []byte(secret)) == 1
}

// tokenRate limits token requests per minute.
func (s *Server) tokenRate(account *credential, now time.Time) *apiError {
	if s.cfg.tokensPerMinute <= 0 {
		return nil
	}
	account.minted = slices.DeleteFunc(account.minted, func(t time.Time) bool {
		return !t.After(now.Add(-time.Minute))
	})
	if len(account.minted) < s.cfg.tokensPerMinute {
		account.minted = append(account.minted, now)
		return nil
	}
	err := newError(http.StatusTooManyRequests, "RATE_LIMITED",
		fmt.Sprintf("Resource %s is limited to %d requests every 1 minutes.", tokenPath, s.cfg.tokensPerMinute),
		tokenPath, s.cfg.tokensPerMinute, 1)
	err.header.Set("Retry-After", seconds(account.minted[0].Add(time.Minute).Sub(now)))
	return err
}

func (s *Server) checkBearer(value string) (*credential, *apiError) {
	t := s.tokens[value]
	if t == nil || !s.now().Before(t.expires) {
		delete(s.tokens, value)
		return nil, unauthorized(invalidToken)
	}
	account := s.credentials[t.clientID]
	if account == nil || account.disabled {
		return nil, unauthorized(invalidToken)
	}
	return account, nil
}

// liveTokens counts the valid tokens of a service account and drops expired ones.
func (s *Server) liveTokens(clientID string) int {
	now, live := s.now(), 0
	for value, t := range s.tokens {
		switch {
		case !now.Before(t.expires):
			delete(s.tokens, value)
		case t.clientID == clientID:
			live++
		}
	}
	return live
}

func (s *Server) dropTokens(clientID string) {
	for value, t := range s.tokens {
		if t.clientID == clientID {
			delete(s.tokens, value)
		}
	}
}
