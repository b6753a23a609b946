package atlas

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// NewTransport makes the transport that a Client uses unless it is given one:
// the proxy of the environment (the meaning of HTTPS_PROXY and NO_PROXY is
// net/http's), the system's certificate authorities with those of
// SSL_CERT_FILE and SSL_CERT_DIR, HTTP/2, and limits.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    20,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		// A connection whose other end vanished without a word is noticed, and not
		// used until the kernel gives it up after a quarter of an hour.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// layer is one concern of the transport.
type layer func(next http.RoundTripper) http.RoundTripper

// buildChain lists what a request passes, the outermost layer first. What
// fetches tokens passes the layers that know nothing of authentication.
func (c *Client) buildChain(opts Options) http.RoundTripper {
	perExchange := []layer{
		userAgent(opts.Version),
		c.limiter.limit,
		observer(opts.Logger, opts.Observe),
		departureMarker,
		answerReader(maxAnswer),
	}
	auth := c.digest
	if c.credentials.IsServiceAccount() {
		c.tokens = newTokenSource(&tokenEndpoint{
			base:        c.base,
			credentials: c.credentials,
			chain:       stack(c.transport, perExchange...),
		}, c.timeout)
		auth = bearer(c.tokens)
	}
	return stack(c.transport, append([]layer{readRetrier, auth}, perExchange...)...)
}

func stack(inner http.RoundTripper, layers ...layer) http.RoundTripper {
	for _, l := range slices.Backward(layers) {
		inner = l(inner)
	}
	return inner
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// userAgent says who is calling.
func userAgent(version string) layer {
	if version == "" {
		version = "unknown"
	}
	agent := "atlas-streams-operator/" + version + " (" + runtime.GOOS + "; " + runtime.GOARCH + ")"
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set("User-Agent", agent)
			return next.RoundTrip(req)
		})
	}
}

// limit is the layer of the transport. answerReader, below it, keeps the answer's body in memory.
func (l limiter) limit(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		ctx, start, x := req.Context(), time.Now(), exchangeOf(req.Context())
		r, err := l[x.set].reserve(ctx, x.project, priorityOf(ctx, x.priority), max(longestWait-x.held, 0))
		x.waited = time.Since(start)
		x.held += x.waited
		if err != nil {
			return nil, &wireError{err: err}
		}
		resp, err := next.RoundTrip(req)
		r.finish(req, resp)
		return resp, err
	})
}

// replay returns a copy of a request that can be sent once more.
func replay(ctx context.Context, req *http.Request) (*http.Request, error) {
	again := req.Clone(ctx)
	if req.GetBody == nil {
		return again, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again.Body = body
	return again, nil
}
