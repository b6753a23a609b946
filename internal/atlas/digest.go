package atlas

import (
	"crypto/fips140"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/icholy/digest"
)

// maxStale limits how often one call replaces a nonce that the server calls stale. Parallel calls
// can exhaust each other's nonces.
const maxStale = 2

// digest authenticates with an API key. The challenge of the first 401 is reused until the server
// sends another one.
func (c *Client) digest(next http.RoundTripper) http.RoundTripper {
	auth := &digest.Transport{
		Username: c.credentials.ID,
		Password: c.credentials.Secret.Reveal(),
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil && resp.StatusCode == http.StatusUnauthorized && req.Header.Get("Authorization") != "" && !refusesCredentials(resp) {
				return nil, &final{resp}
			}
			return resp, err
		}),
		FindChallenge: func(h http.Header) (*digest.Challenge, error) {
			challenge, err := digest.FindChallenge(h)
			// With GODEBUG=fips140=only, MD5 ends the process, and Atlas supports no other digest.
			// Service accounts do not use it.
			if err != nil || fips140.Enforced() && !strings.HasPrefix(strings.ToUpper(challenge.Algorithm), "SHA-") {
				return nil, digest.ErrNoChallenge // the response stays a 401
			}
			return challenge, nil
		},
	}
	return firstAlone(roundTripper(func(req *http.Request) (*http.Response, error) {
		for attempt := 0; ; attempt++ {
			resp, err := auth.RoundTrip(req)
			if answer, ok := errors.AsType[*final](err); ok {
				return answer.resp, nil
			}
			if err != nil || attempt == maxStale || !refusesCredentials(resp) {
				return resp, err
			}
			// Stale: only the nonce was rejected, not the credentials (RFC 7616, 3.3).
			challenge, _ := digest.FindChallenge(resp.Header)
			if challenge == nil || !challenge.Stale {
				return resp, nil
			}
		}
	}))
}

// final is a 401 for which the digest transport must neither retry nor drop its challenge.
type final struct{ resp *http.Response }

func (*final) Error() string { return "a 401 that does not refuse the key" }

// firstAlone serializes requests until one is authenticated, so that they share the first
// challenge.
func firstAlone(next http.RoundTripper) http.RoundTripper {
	turn, letIn := make(chan struct{}, 1), make(chan struct{})
	letAllIn := sync.OnceFunc(func() { close(letIn) })
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		select {
		case <-letIn:
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-req.Context().Done():
			return nil, &wireError{err: req.Context().Err()}
		}
		resp, err := next.RoundTrip(req)
		if err == nil && !refusesCredentials(resp) {
			letAllIn()
		}
		return resp, err
	})
}
