package atlas

import (
	"net"
	"net/http"
	"slices"
	"time"
)

// newTransport returns the default transport of a Client: the proxy of the environment with
// net/http's meaning of HTTPS_PROXY and NO_PROXY, the system's certificate authorities with those
// of SSL_CERT_FILE and SSL_CERT_DIR, HTTP/2, and limits.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.MaxIdleConnsPerHost = 20
	t.MaxResponseHeaderBytes = 256 << 10
	// Detects a connection whose peer disappeared. Otherwise it is used until the kernel gives up
	// after a quarter of an hour.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	return t
}

// layer is one concern of the transport: it handles a request on its way to next.
type layer func(next http.RoundTripper, req *http.Request) (*http.Response, error)

// buildChain lists the layers that a request passes, the outermost first. Token requests pass the
// layers without authentication.
func (c *Client) buildChain(opts Options) http.RoundTripper {
	exchanges := stack(c.transport, c.limiter.limit, observer(opts.Logger, opts.Observe), departureMarker, answerReader)
	if c.credentials.APIKey {
		return stack(c.digest(exchanges), readRetrier)
	}
	c.tokens = &tokenSource{client: c, chain: exchanges, useless: map[string]time.Time{}}
	return stack(exchanges, readRetrier, c.tokens.authenticate)
}

func stack(inner http.RoundTripper, layers ...layer) http.RoundTripper {
	for _, l := range slices.Backward(layers) {
		next := inner
		inner = roundTripper(func(req *http.Request) (*http.Response, error) { return l(next, req) })
	}
	return inner
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// limit is the rate limiting layer. answerReader, below it, holds the response body in memory.
func (l limiter) limit(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	ctx, start, x := req.Context(), time.Now(), exchangeOf(req)
	r, err := l[x.set].reserve(ctx, x.project, x.priority, max(longestWait-x.held, 0))
	x.waited = time.Since(start)
	x.held += x.waited
	if err != nil {
		return nil, &wireError{err: err}
	}
	resp, err := next.RoundTrip(req)
	r.finish(resp)
	return resp, err
}
