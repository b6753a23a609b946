package atlas

import (
	"crypto/fips140"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/icholy/digest"
)

// maxStale limits how often one call replaces a nonce that the server calls stale. Parallel calls
// can exhaust each other's nonces.
const maxStale = 2

// digest authenticates with an API key. The challenge of the first 401 is reused until the server
// sends another one.
func (c *Client) digest(next http.RoundTripper) http.RoundTripper {
	creds := c.credentials
	auth := &digest.Transport{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil && resp.StatusCode == http.StatusUnauthorized && req.Header.Get("Authorization") != "" && !refusesCredentials(resp) {
				return nil, &final{resp}
			}
			return resp, err
		}),
		Digest: func(_ *http.Request, challenge *digest.Challenge, o digest.Options) (*digest.Credentials, error) {
			o.Username, o.Password = creds.PublicKey, creds.PrivateKey.Reveal()
			return digest.Digest(challenge, o)
		},
		FindChallenge: func(h http.Header) (*digest.Challenge, error) {
			challenge, err := digest.FindChallenge(h)
			if err != nil || isForbidden(challenge) {
				// Ignore an invalid challenge: the response stays a 401.
				return nil, digest.ErrNoChallenge
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
			if err != nil || attempt == maxStale || !isStale(resp) {
				return resp, err
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
	var letIn atomic.Bool
	turn := make(chan struct{}, 1)
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if letIn.Load() {
			return next.RoundTrip(req)
		}
		select {
		case turn <- struct{}{}:
		case <-req.Context().Done():
			return nil, &wireError{err: req.Context().Err()}
		}
		if letIn.Load() {
			<-turn
			return next.RoundTrip(req)
		}
		defer func() { <-turn }()
		resp, err := next.RoundTrip(req)
		letIn.Store(err == nil && !refusesCredentials(resp))
		return resp, err
	})
}

// isForbidden reports whether the challenge's algorithm is forbidden. With GODEBUG=fips140=only,
// MD5 ends the process, and Atlas supports no other digest. Service accounts do not use it.
func isForbidden(challenge *digest.Challenge) bool {
	return fips140.Enforced() && !strings.HasPrefix(strings.ToUpper(challenge.Algorithm), "SHA-")
}

// isStale reports whether only the nonce was rejected, not the credentials (RFC 7616, 3.3).
func isStale(resp *http.Response) bool {
	if !refusesCredentials(resp) {
		return false
	}
	challenge, err := digest.FindChallenge(resp.Header)
	return err == nil && challenge.Stale
}
