package atlas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-logr/logr"
)

// observer reports each exchange to the log and to the hook. It is below authentication and
// retries, so that it sees all of them.
func observer(log logr.Logger, observe func(CallInfo)) layer {
	return func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		start := time.Now()
		resp, err := next.RoundTrip(req)
		x := exchangeOf(req)
		info := CallInfo{
			Operation: x.operation, Method: req.Method, EndpointSet: x.set,
			Duration: time.Since(start), Waited: x.waited, RateLimitLimit: -1, RateLimitRemaining: -1,
		}
		values := []any{"operation", info.Operation, "method", info.Method, "duration", info.Duration}
		if info.Waited >= time.Millisecond {
			values = append(values, "waited", info.Waited)
		}
		if err != nil {
			if wire, ok := errors.AsType[*wireError](err); ok {
				info.StatusCode = wire.statusCode
			}
			values = append(values, "status", info.StatusCode, "failure", Class(err))
		} else {
			info.StatusCode = resp.StatusCode
			info.RateLimitLimit, info.RateLimitRemaining = rateHeaders(resp.Header)
			values = append(values, "status", info.StatusCode, "requestID", requestID(resp.Header))
		}
		log.V(1).Info("Called Atlas", values...)
		if observe != nil {
			observe(info)
		}
		return resp, err
	}
}

// rateHeaders returns RateLimit-Limit and RateLimit-Remaining, -1 for both if one is missing or
// invalid. It reads "100" and the form of header drafts, "100, 100;w=60".
func rateHeaders(h http.Header) (limit, remaining int) {
	_, noLimit := fmt.Sscan(h.Get("RateLimit-Limit"), &limit)
	_, noRemaining := fmt.Sscan(h.Get("RateLimit-Remaining"), &remaining)
	if noLimit != nil || noRemaining != nil || limit < 1 || remaining < 0 {
		return -1, -1
	}
	return limit, min(remaining, limit)
}

type auditKey struct{}

// WithRequestID returns a context whose calls store the request ID of the last response in id, for
// audit log lines. It stays empty if Atlas sends none.
func WithRequestID(ctx context.Context) (_ context.Context, id *string) {
	id = new(string)
	return context.WithValue(ctx, auditKey{}, id), id
}
