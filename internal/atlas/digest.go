package atlas

import (
	"crypto/fips140"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/icholy/digest"
)

// maxStale is how often a nonce that the server calls stale is replaced within
// one call. Parallel calls may use up each other's.
const maxStale = 2

// digest authenticates by an API key. The challenge of the first 401 serves
// later requests too, until the server gives another one.
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
				// Whatever is wrong with the challenge: the answer stays a 401.
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

// final is a 401 that the digest transport must not answer by sending the request again, nor by dropping its challenge.
type final struct{ resp *http.Response }

func (*final) Error() string { return "a 401 that does not refuse the key" }

// firstAlone lets requests go one by one until one was let in, so that the first challenge serves all that start
// together.
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

// isForbidden: with GODEBUG=fips140=only, MD5 ends the whole process, and Atlas
// knows no other digest. A service account needs none.
func isForbidden(challenge *digest.Challenge) bool {
	return fips140.Enforced() && !strings.HasPrefix(strings.ToUpper(challenge.Algorithm), "SHA-")
}

// isStale: the credentials are right and only the nonce is not (RFC 7616, 3.3).
func isStale(resp *http.Response) bool {
	if !refusesCredentials(resp) {
		return false
	}
	challenge, err := digest.FindChallenge(resp.Header)
	return err == nil && challenge.Stale
}
