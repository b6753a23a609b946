package atlas

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
)

// Permit is a place in the rate limit, taken before the call that will need
// it: for who must know that a call goes out at once before saying that it
// does.
//
// A permit holds its place until it is used or released, so release it in any
// case. It is safe for concurrent use.
type Permit struct {
	bucket  *bucket
	project string
	spent   atomic.Bool
}

// Permit waits until a call of the project's streams resources may go out, with
// PriorityWrite unless the context says otherwise. When that would take too
// long it fails at once with an *Error that IsRateLimited and says when to come
// back.
func (c *Client) Permit(ctx context.Context, projectID string) (*Permit, error) {
	const operation = "Permit"
	if c.closed.Load() {
		return nil, fmt.Errorf("%s: %w", operation, ErrClosed)
	}
	c.used()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	b := c.limiter.streams.bucket(projectID)
	if err := b.reserve(ctx, priorityOf(ctx, PriorityWrite), longestWait); err != nil {
		e := &Error{Operation: operation, Method: http.MethodPost, URL: c.base.String() + streamsPath(projectID).escaped}
		return nil, e.because(err, &redactor{})
	}
	return &Permit{bucket: b, project: projectID}, nil
}

// Release gives back a permit that was not used. Of one that was used, of one
// released before and of nil it does nothing.
func (p *Permit) Release() {
	if p != nil && p.spent.CompareAndSwap(false, true) {
		p.bucket.cancel()
	}
}

// use hands the place over to an exchange that needs one. False
// when the permit is of no use to it: of another project, or spent, or given
// before Atlas asked for a pause.
func (p *Permit) use(s *rateSet, project string) (turn, bool) {
	if p == nil || p.bucket.set != s || p.project != project || !p.spent.CompareAndSwap(false, true) {
		return turn{}, false
	}
	return p.bucket.start()
}

type permitKey struct{}

// WithPermit returns a context whose first exchange with the permit's project
// does not queue for the rate limit. Further exchanges of the same call, such as
// the one that answers a digest challenge, queue as all do.
func WithPermit(ctx context.Context, p *Permit) context.Context {
	return context.WithValue(ctx, permitKey{}, p)
}

func permitOf(ctx context.Context) *Permit {
	p, _ := ctx.Value(permitKey{}).(*Permit)
	return p
}
