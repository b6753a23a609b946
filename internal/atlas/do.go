package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

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
	noteRequestID(req.Context(), requestID(resp.Header))
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
func one[T identified](ctx context.Context, c *Client, call call) (T, error) {
	var object T
	err := c.do(ctx, call, func(body []byte) (err error) {
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
