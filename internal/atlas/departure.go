package atlas

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// errNotRepeated is returned instead of sending a write a second time.
var errNotRepeated = errors.New("the connection failed after the request had left; it was not sent again")

// departureMarker records whether a request without a response can have been sent, that is whether
// there was a connection. A write is sent at most once.
func departureMarker(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, &wireError{err: err}
	}
	d := &departure{write: req.Method != http.MethodGet}
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel() // answerReader has the answer in memory
	d.stop = cancel
	req = req.WithContext(httptrace.WithClientTrace(ctx, d.trace()))
	if d.write {
		req.GetBody = nil // net/http resends a body that it can rewind
	}
	resp, err := next.RoundTrip(req)
	if err == nil {
		return resp, nil
	}
	if d.repeated.Load() {
		return nil, &wireError{err: errNotRepeated, sent: true}
	}
	if _, ok := errors.AsType[*wireError](err); ok {
		return nil, err // the response began
	}
	// A transport that does not report may have sent the request.
	return nil, &wireError{err: err, sent: d.connected.Load() || !d.reports.Load()}
}

// departure records what a transport reports for one request through httptrace. Only net/http is
// known to report.
type departure struct {
	write bool
	stop  context.CancelFunc

	reports, connected, left, repeated atomic.Bool
}

// trace also cancels a write that was sent once and gets a second connection: HTTP/2 repeats
// requests without a body after a reset stream, regardless of the method. The transport checks the
// context before it writes.
func (d *departure) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { d.reports.Store(true) },
		GotConn: func(httptrace.GotConnInfo) {
			d.connected.Store(true)
			if d.write && d.left.Load() {
				d.repeated.Store(true)
				d.stop()
			}
		},
		WroteHeaders: func() { d.left.Store(true) },
	}
}
