package atlas

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// errNotRepeated is the failure of a write that the transport was about to send again.
var errNotRepeated = errors.New("the connection failed after the request had left; it was not sent again")

// departureMarker finds out whether a request that got no answer can have left: not while there was no connection to
// send it on. A write leaves at most once.
func departureMarker(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if err := req.Context().Err(); err != nil {
			return nil, &wireError{err: err}
		}
		d := &departure{write: req.Method != http.MethodGet}
		ctx, cancel := context.WithCancel(req.Context())
		defer cancel() // answerReader has the answer in memory
		d.stop = cancel
		req = req.WithContext(httptrace.WithClientTrace(ctx, d.trace()))
		if d.write {
			req.GetBody = nil // net/http sends a body that it can rewind again
		}
		resp, err := next.RoundTrip(req)
		switch {
		case d.repeated.Load() && err != nil:
			return nil, &wireError{err: errNotRepeated, sent: true}
		case err != nil:
			return nil, d.failed(err)
		}
		return resp, nil
	})
}

// departure is what a transport reports of one request. The transport of net/http reports; another one may not.
type departure struct {
	write bool
	stop  context.CancelFunc

	reports, connected, left, repeated atomic.Bool
}

// trace also stops a write that left once and is given another connection: HTTP/2 repeats requests without a body after
// a reset stream, whatever their method. It looks at the context before it writes.
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

func (d *departure) failed(err error) error {
	if _, ok := errors.AsType[*wireError](err); ok {
		return err // an answer began
	}
	// A transport that does not report may have sent it.
	return &wireError{err: err, sent: d.connected.Load() || !d.reports.Load()}
}
