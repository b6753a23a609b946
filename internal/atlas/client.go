package atlas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
)

const (
	// DefaultBaseURL is used when Options.BaseURL is empty.
	DefaultBaseURL = "https://cloud.mongodb.com"
	// DefaultTimeout is used when Options.Timeout is zero.
	DefaultTimeout = 30 * time.Second
)

// ErrClosed is returned by calls of a closed Client. No request was sent.
var ErrClosed = errors.New("the Atlas client is closed")

// Options configures a Client. The zero value is valid.
type Options struct {
	// BaseURL is scheme://host[:port][/prefix].
	BaseURL string
	// Timeout limits one call, including token requests and retries of a read.
	Timeout time.Duration
	// Version is the program's version, for the User-Agent header.
	Version string
	// Transport sends the requests. Nil is one with the proxy of the environment and HTTP/2.
	Transport http.RoundTripper
	// Logger receives one V(1) line per HTTP exchange, without bodies or headers.
	Logger logr.Logger
	// Observe, if set, is called after each HTTP exchange on the goroutine that made it.
	Observe func(CallInfo)
}

// The endpoint sets. Atlas limits the rate of each separately.
const (
	setStreams          = "streams"
	setPrivateEndpoints = "privateEndpoints"
	setTokens           = "tokens"
)

// CallInfo describes one HTTP exchange.
type CallInfo struct {
	// Operation is the name of the Client method, "FetchToken" or "RevokeToken".
	Operation string
	Method    string
	// StatusCode is 0 if there was no response.
	StatusCode int
	Duration   time.Duration
	// EndpointSet is the rate-limited set: "streams", "privateEndpoints" or "tokens".
	EndpointSet string
	// Waited is the time spent waiting for the rate limit. Duration does not include it.
	Waited time.Duration
	// RateLimitLimit and RateLimitRemaining are the response headers, or -1 if absent.
	RateLimitLimit, RateLimitRemaining int
}

// Client calls Atlas with one set of credentials. It is safe for concurrent use. Reuse it: it
// caches the token or nonce.
type Client struct {
	base        *url.URL
	credentials Credentials
	timeout     time.Duration
	userAgent   string
	transport   http.RoundTripper
	chain       http.RoundTripper
	tokens      *tokenSource // nil with an API key
	limiter     limiter
	closed      atomic.Bool
	lastUsed    atomic.Int64 // Unix time in nanoseconds
}

// New validates credentials and options. It makes no call.
func New(creds Credentials, opts Options) (*Client, error) {
	if err := creds.Validate(); err != nil {
		return nil, fmt.Errorf("checking the Atlas credentials: %w", err)
	}
	base, err := ParseBaseURL(opts.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("checking the Atlas base URL: %w", err)
	}
	if opts.Timeout < 0 {
		return nil, fmt.Errorf("the Atlas request timeout %s is negative", opts.Timeout)
	}
	c := &Client{
		base:        base,
		credentials: creds,
		timeout:     cmp.Or(opts.Timeout, DefaultTimeout),
		userAgent:   fmt.Sprintf("atlas-streams-operator/%s (%s; %s)", cmp.Or(opts.Version, "unknown"), runtime.GOOS, runtime.GOARCH),
		transport:   opts.Transport,
		limiter:     newLimiter(),
	}
	c.Used()
	if c.transport == nil {
		c.transport = newTransport()
	}
	c.chain = c.buildChain(opts)
	return c, nil
}

// Close revokes the OAuth token, because Atlas limits the number of valid tokens per service
// account, and closes idle connections. Later calls fail with ErrClosed; calls in flight lose their
// token.
func (c *Client) Close(ctx context.Context) error {
	c.closed.Store(true)
	var err error
	if c.tokens != nil {
		ctx, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		err = c.tokens.close(ctx)
	}
	if idle, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return err
}

// Reserve waits until a write to the project's streams resources may start. If the wait would be too
// long, Reserve fails immediately with an *Error for which IsRateLimited is true; its RetryAfter says
// when to retry.
func (c *Client) Reserve(ctx context.Context, projectID string) (*Reservation, error) {
	const operation = "Reserve"
	if c.closed.Load() {
		return nil, fmt.Errorf("%s: %w", operation, ErrClosed)
	}
	c.Used()
	r, err := c.limiter[setStreams].reserve(ctx, projectID, priorityWrite, min(longestWait, c.timeout))
	if err != nil {
		e := &Error{Operation: operation, Method: http.MethodPost, URL: c.base.String() + streamsPath(projectID).escaped}
		return nil, e.because(err, &redactor{})
	}
	return r, nil
}

// LastUsed returns the start time of the latest call, or the time of creation.
func (c *Client) LastUsed() time.Time { return time.Unix(0, c.lastUsed.Load()) }

// Used counts as a call for LastUsed.
func (c *Client) Used() { c.lastUsed.Store(time.Now().UnixNano()) }

// CredentialKey returns Credentials.Key of the client's credentials.
func (c *Client) CredentialKey() string { return c.credentials.Key() }

// String keeps fmt from printing the client's fields.
func (c *Client) String() string { return "Atlas client of " + c.base.String() }

// GoString keeps fmt from printing the client's fields.
func (c *Client) GoString() string { return c.String() }

// ParseBaseURL parses Options.BaseURL. Its errors do not include the URL, because it may contain a password.
func ParseBaseURL(raw string) (*url.URL, error) {
	if raw == "" {
		raw = DefaultBaseURL
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the scheme is neither https nor http")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.User != nil:
		return nil, errors.New("user and password do not belong there")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("query and fragment do not belong there")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}
