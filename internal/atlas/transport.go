package atlas

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// newTransport returns the default transport of a Client: the proxy of the environment with
// net/http's meaning of HTTPS_PROXY and NO_PROXY, the system's certificate authorities with those
// of SSL_CERT_FILE and SSL_CERT_DIR, HTTP/2, and limits.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{ // not a copy of http.DefaultTransport, which others may replace
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    20,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		// Detects a connection whose peer disappeared. Otherwise it is used until the kernel gives
		// up after a quarter of an hour.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
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

const (
	maxAttempts  = 4
	firstBackoff = 200 * time.Millisecond
)

// readRetrier retries reads after transient failures, as long as the wait fits in the context and
// in longestWait. Writes are passed through. Waits double, and half of each is random, so that
// callers that failed together do not retry together.
func readRetrier(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return next.RoundTrip(req)
	}
	x := exchangeOf(req)
	for attempt := 1; ; attempt++ {
		resp, err := next.RoundTrip(req)
		again, asked := worthRepeating(resp, err)
		half := (firstBackoff << attempt) / 4
		delay := max(asked, half+rand.N(half))
		if !again || attempt == maxAttempts || x.held+delay > longestWait || !pause(req.Context(), delay) {
			return resp, err
		}
		x.held += delay
	}
}

// repeatable are the statuses after which a read is retried.
var repeatable = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// worthRepeating reports whether to retry a read, and the delay that the server requires.
func worthRepeating(resp *http.Response, err error) (again bool, asked time.Duration) {
	e, failed := AsError(err)
	switch {
	case err == nil && isSuccess(resp), errors.Is(err, errKeptBack), errors.Is(err, ErrClosed), errors.Is(err, errTooLarge):
		return false, 0
	case err == nil:
		return slices.Contains(repeatable, resp.StatusCode), newStatusError(resp).RetryAfter
	case failed:
		return IsUnavailable(e) || IsRateLimited(e), e.RetryAfter
	default:
		return true, 0
	}
}

// pause waits for d. It returns false if the context ends first, immediately if its deadline is
// earlier.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter returns the delay that a response requires, at most longestPause: the header, in seconds
// or as a date, else the second parameter of Atlas's token bucket error.
func retryAfter(h http.Header, code string, parameters []text, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if value == "" && code == codeTokenBucket && len(parameters) > 1 {
		value = string(parameters[1])
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, longestPause.Seconds()) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), longestPause)
	}
	return 0
}

const (
	// maxAnswer limits a response body, in bytes. A page of 500 objects has a few hundred thousand.
	maxAnswer = 10 << 20
	// maxErrorBody limits the body of an error, whose text takes much memory to redact.
	maxErrorBody = 256 << 10
)

var (
	errTooLarge = errors.New("the answer is too large")
	// errNotRepeated is returned instead of sending a write a second time.
	errNotRepeated = errors.New("the connection failed after the request had left; it was not sent again")
)

// wireError is the failure of one exchange below authentication.
type wireError struct {
	err error
	// sent reports whether the request may have reached the server.
	sent bool
	// statusCode is the status of a response whose body is incomplete, else 0.
	statusCode int
}

func (e *wireError) Error() string { return e.err.Error() }
func (e *wireError) Unwrap() error { return e.err }

// departureMarker records whether a request without a response can have been sent, that is whether
// there was a connection. A write is sent at most once: one that was sent and gets a second
// connection is cancelled, because HTTP/2 repeats requests without a body after a reset stream,
// regardless of the method. The transport checks the context before it writes.
func departureMarker(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, &wireError{err: err}
	}
	var reports, connected, left, repeated atomic.Bool
	write := req.Method != http.MethodGet
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel() // answerReader has the answer in memory
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { reports.Store(true) },
		GotConn: func(httptrace.GotConnInfo) {
			connected.Store(true)
			if write && left.Load() {
				repeated.Store(true)
				cancel()
			}
		},
		WroteHeaders: func() { left.Store(true) },
	}))
	if write {
		req.GetBody = nil // net/http resends a body that it can rewind
	}
	resp, err := next.RoundTrip(req)
	switch {
	case err == nil:
		return resp, nil
	case repeated.Load():
		return nil, &wireError{err: errNotRepeated, sent: true}
	case errors.As(err, new(*wireError)):
		return nil, err // the response began
	}
	// A transport that does not report may have sent the request. Only net/http is known to report.
	return nil, &wireError{err: err, sent: connected.Load() || !reports.Load()}
}

// answerReader reads bodies into memory, so that the layers above see a complete response or none.
//
// A 2xx with an incomplete body is an error, except for DELETE, whose body is not used. Other
// statuses keep the part of the body that arrived.
func answerReader(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	limit := maxAnswer
	if !isSuccess(resp) {
		limit = maxErrorBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	_ = resp.Body.Close()
	if err == nil && len(body) > limit {
		body, err = nil, errTooLarge
	}
	if err != nil && isSuccess(resp) && req.Method != http.MethodDelete {
		return nil, &wireError{err: err, sent: true, statusCode: resp.StatusCode}
	}
	resp.Body = answerBody{bytes.NewReader(body)}
	resp.Request = req
	return resp, nil
}

// answerBody is rewound by Close, so that several layers can read it.
type answerBody struct{ *bytes.Reader }

func (b answerBody) Close() error {
	_, err := b.Seek(0, io.SeekStart)
	return err
}

// bodyOf returns the body that answerReader holds in memory.
func bodyOf(resp *http.Response) []byte {
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return body
}
