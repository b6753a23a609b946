package atlas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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

// ErrClosed is the error of a call that a closed Client was asked for. Nothing
// was sent.
var ErrClosed = errors.New("the Atlas client is closed")

// Options of a Client. The zero value is complete.
type Options struct {
	// BaseURL is scheme://host[:port][/prefix].
	BaseURL string
	// Timeout of one call, the fetching of a token and the repeats of a read
	// counted in.
	Timeout time.Duration
	// Version of the program, for the User-Agent.
	Version string
	// Transport sends the requests; nil stands for NewTransport().
	Transport http.RoundTripper
	// Logger gets one V(1) line per HTTP exchange: never a body or a header.
	Logger logr.Logger
	// Observe, when set, is called after each HTTP exchange, from the goroutine
	// that made it.
	Observe func(CallInfo)
}

// The endpoint sets, each of which Atlas limits by itself.
const (
	setStreams          = "streams"
	setPrivateEndpoints = "privateEndpoints"
	setTokens           = "tokens"
)

// CallInfo describes one HTTP exchange.
type CallInfo struct {
	// Operation is the name of the Client's method, "FetchToken" or
	// "RevokeToken".
	Operation string
	Method    string
	// StatusCode is 0 when no answer came.
	StatusCode int
	Duration   time.Duration
	// EndpointSet is what Atlas limits as one: "streams", "privateEndpoints" or
	// "tokens".
	EndpointSet string
	// Waited is how long the exchange was held back by the rate limit before,
	// which Duration does not count.
	Waited time.Duration
	// RateLimitLimit and RateLimitRemaining are what the answer says in these
	// headers, -1 when it does not.
	RateLimitLimit, RateLimitRemaining int
	// Token is true for exchanges with the token endpoint, which are not API
	// calls.
	Token bool
}

// Client calls Atlas with one set of credentials. It is safe for concurrent
// use. Make one per credentials and keep it: it holds their token or nonce.
type Client struct {
	base        *url.URL
	credentials Credentials
	timeout     time.Duration
	transport   http.RoundTripper
	chain       http.RoundTripper
	tokens      *tokenSource // nil with an API key
	limiter     limiter
	closed      atomic.Bool
	lastUsed    atomic.Int64 // in nanoseconds of Unix time
}

// New checks credentials and options; it makes no call.
func New(creds Credentials, opts Options) (*Client, error) {
	if err := creds.Validate(); err != nil {
		return nil, fmt.Errorf("checking the Atlas credentials: %w", err)
	}
	base, err := parseBaseURL(opts.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("checking the Atlas base URL: %w", err)
	}
	if opts.Timeout < 0 {
		return nil, fmt.Errorf("the Atlas request timeout %s is negative", opts.Timeout)
	}
	c := &Client{base: base, credentials: creds, timeout: opts.Timeout, transport: opts.Transport, limiter: newLimiter()}
	c.used()
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	c.chain = c.buildChain(opts)
	return c, nil
}

// Close gives back the OAuth token, of which Atlas lets a service account have
// only so many at a time, and closes idle connections. Calls after Close fail
// with ErrClosed; those under way lose their token.
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

// Reserve waits until a call for the project's streams resources may start, with PriorityWrite unless the context has
// another. When that takes too long it fails at once with an *Error that IsRateLimited and says when to try again.
func (c *Client) Reserve(ctx context.Context, projectID string) (*Reservation, error) {
	const operation = "Reserve"
	if c.closed.Load() {
		return nil, fmt.Errorf("%s: %w", operation, ErrClosed)
	}
	c.used()
	r, err := c.limiter[setStreams].reserve(ctx, projectID, priorityOf(ctx, PriorityWrite), min(longestWait, c.timeout))
	if err != nil {
		e := &Error{Operation: operation, Method: http.MethodPost, URL: c.base.String() + streamsPath(projectID).escaped}
		return nil, e.because(err, &redactor{})
	}
	return r, nil
}

// LastUsed is when the latest call began, or else when the client was made.
func (c *Client) LastUsed() time.Time { return time.Unix(0, c.lastUsed.Load()) }

func (c *Client) used() { c.lastUsed.Store(time.Now().UnixNano()) }

// CredentialKey is Credentials.Key of the client's credentials.
func (c *Client) CredentialKey() string { return c.credentials.Key() }

// String keeps formatting from walking through the client.
func (c *Client) String() string { return "Atlas client of " + c.base.String() }

// GoString is String, for the same reason.
func (c *Client) GoString() string { return c.String() }

// parseBaseURL never puts the URL in its errors: it may hold a password.
func parseBaseURL(raw string) (*url.URL, error) {
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
