package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Media types select the API version. Each call uses the version that it was written against.
const (
	media20230101 = "application/vnd.atlas.2023-01-01+json"
	media20230201 = "application/vnd.atlas.2023-02-01+json"
	media20241113 = "application/vnd.atlas.2024-11-13+json"
	media20250312 = "application/vnd.atlas.2025-03-12+json"

	// mediaV1 is the API version before versions had dates.
	mediaV1 = "application/json"
)

// call is one call of the API.
type call struct {
	operation string
	method    string
	path      path
	query     url.Values
	accept    string
	body      object // nil for none
	invalid   error  // why the request is invalid, found while it was built

	list    bool
	array   bool // the list may be an array, instead of the member "results" of an object
	unpaged bool // one response holds the whole list
}

// streamsCall is a call of the version that most calls were written against.
func streamsCall(operation, method string, path path) call {
	return call{operation: operation, method: method, path: path, accept: media20230201}
}

func (c call) with(body object, invalid error) call {
	c.body, c.invalid = body, invalid
	return c
}

// priority orders the calls of a project that wait for the rate limit. Calls of equal priority are
// served in order of arrival. A call precedes only those of lower priority that arrived shortly
// before it.
type priority int

const (
	// priorityList is the priority of lists, which serve polls.
	priorityList priority = iota + 1
	// priorityRead is the priority of reading one object.
	priorityRead
	// priorityWrite is the priority of POST, PATCH and DELETE, and of reservations.
	priorityWrite
)

func (c call) priority() priority {
	switch {
	case c.method != http.MethodGet:
		return priorityWrite
	case c.list:
		return priorityList
	default:
		return priorityRead
	}
}

// path is an escaped path below the base URL, or the reason why it is invalid.
type path struct {
	escaped string
	project string
	set     string // the endpoint set
	err     error
}

func streamsPath(projectID string) path {
	return groupPath(setStreams, "api/atlas/v2", projectID).join("streams")
}

func privateEndpointPath(api, projectID string) path {
	return groupPath(setPrivateEndpoints, api, projectID).join("privateEndpoint")
}

func groupPath(set, api, projectID string) path {
	p := path{set: set, project: projectID}
	return p.join(api).join("groups").segments("project id", projectID)
}

func (p path) join(escaped string) path {
	p.escaped += "/" + escaped
	return p
}

// segments appends names that come from users. It rejects a segment that servers interpret as a
// path step, such as "..".
func (p path) segments(what string, values ...string) path {
	for _, value := range values {
		if value == "" || value == "." || value == ".." {
			p.err = errors.Join(p.err, fmt.Errorf("%q cannot be a %s", value, what))
		}
		p.escaped += "/" + url.PathEscape(value)
	}
	return p
}

// request builds the HTTP request of a call.
func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	if err := errors.Join(call.path.err, call.invalid); err != nil {
		return nil, err
	}
	x := &exchange{operation: call.operation, project: call.path.project, set: call.path.set, priority: call.priority()}
	x.redact.add(c.credentials.Secret)
	var body []byte
	if call.body != nil {
		encoded, secrets, err := call.body.encode()
		if err != nil {
			return nil, err
		}
		body = encoded
		x.redact.add(secrets...)
	}
	target := c.base.String() + call.path.escaped
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	req, err := http.NewRequestWithContext(ctx, call.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = call.query.Encode()
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", call.accept)
	if call.body != nil {
		req.Header.Set("Content-Type", call.accept)
	}
	return req, nil
}

// exchange holds what the transport layers know about the call.
type exchange struct {
	operation string
	project   string
	set       string // the endpoint set
	priority  priority
	// waited is how long the current or the last exchange waited for the rate limit.
	waited time.Duration
	// held is how long the call has waited for the rate limit and before retries.
	held time.Duration
	// redact holds the secrets of the request.
	redact redactor
}

type exchangeKey struct{}

func exchangeOf(req *http.Request) *exchange {
	return req.Context().Value(exchangeKey{}).(*exchange)
}

var (
	errNotJSON        = errors.New("the answer is not JSON")
	errUnexpectedJSON = errors.New("the answer is JSON of another shape than documented")
)

// do makes a call and passes the body of a 2xx response to read.
func (c *Client) do(ctx context.Context, call call, read func([]byte) error) error {
	if c.closed.Load() {
		return fmt.Errorf("%s: %w", call.operation, ErrClosed)
	}
	c.Used()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(ctx, call)
	if err != nil {
		return fmt.Errorf("%s: %w", call.operation, err)
	}
	return send(c.chain, req, read)
}

// send sends a request and passes the body of a 2xx response to read.
func send(chain http.RoundTripper, req *http.Request, read func([]byte) error) error {
	resp, err := chain.RoundTrip(req)
	if err != nil {
		return failed(req, err)
	}
	if id, ok := req.Context().Value(auditKey{}).(*string); ok {
		*id = requestID(resp.Header)
	}
	if !isSuccess(resp) {
		return newStatusError(resp)
	}
	if err := read(bodyOf(resp)); err != nil {
		return newAnswerError(resp).because(err, &exchangeOf(req).redact)
	}
	return nil
}

// failed converts an error of the transport chain to an *Error.
func failed(req *http.Request, cause error) error {
	x := exchangeOf(req)
	if _, ok := AsError(cause); ok || errors.Is(cause, ErrClosed) {
		// The token endpoint failed; the call itself was not sent.
		return fmt.Errorf("%s: %w", x.operation, cause)
	}
	e := newError(req)
	e.sent = true
	if wire, ok := errors.AsType[*wireError](cause); ok {
		e.StatusCode, e.sent, cause = wire.statusCode, wire.sent, wire.err
	}
	return e.because(cause, &x.redact)
}

func isSuccess(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode <= 299 }

// anything accepts any 2xx body except an HTML page, which comes from a proxy.
func anything(body []byte) error {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] != '{' && trimmed[0] != '[' {
		return errNotJSON
	}
	return nil
}

// identified is an object of Atlas. Key is unique in its list. A response without one is not from Atlas.
type identified interface{ Key() string }

// one makes a call that returns one object.
func one[T identified](ctx context.Context, c *Client, call call) (object T, err error) {
	err = c.do(ctx, call, func(body []byte) (err error) {
		object, err = decodeObject[T](body)
		return err
	})
	return object, err
}

func decodeObject[T identified](body []byte) (T, error) {
	var object, none T
	if err := decode(body, &object); err != nil {
		return none, err
	}
	if object.Key() == "" {
		return none, errUnexpectedJSON
	}
	return object, nil
}

// decode ignores unknown members and null.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errUnexpectedJSON
	}
	return errNotJSON
}

// text reads any JSON value as a string: a number keeps its digits, null is empty.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case string(raw) == "null":
		*t = ""
	case json.Unmarshal(raw, &s) == nil:
		*t = text(s)
	default:
		// The decoder validates UTF-8 in strings only.
		*t = text(strings.ToValidUTF8(string(raw), "\uFFFD"))
	}
	return nil
}
