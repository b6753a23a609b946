package atlas

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// maxAnswer limits a response body, in bytes. A page of 500 objects has a few hundred thousand.
const maxAnswer = 10 << 20

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
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close()
	if err == nil && len(body) > maxAnswer {
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
