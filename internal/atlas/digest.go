package atlas

import (
	"net/http"

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
		Transport: next,
		Digest: func(_ *http.Request, challenge *digest.Challenge, o digest.Options) (*digest.Credentials, error) {
			o.Username, o.Password = creds.PublicKey, creds.PrivateKey.Reveal()
			return digest.Digest(challenge, o)
		},
		FindChallenge: func(h http.Header) (*digest.Challenge, error) {
			challenge, err := digest.FindChallenge(h)
			if err != nil {
				// Whatever is wrong with the challenge: the answer stays a 401.
				return nil, digest.ErrNoChallenge
			}
			return challenge, nil
		},
	}
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		for attempt := 0; ; attempt++ {
			resp, err := auth.RoundTrip(req)
			if err != nil || attempt == maxStale || !isStale(resp) {
				return resp, err
			}
		}
	})
}

// isStale: the credentials are right and only the nonce is not (RFC 7616, 3.3).
func isStale(resp *http.Response) bool {
	if resp.StatusCode != http.StatusUnauthorized {
		return false
	}
	challenge, err := digest.FindChallenge(resp.Header)
	return err == nil && challenge.Stale
}
