package atlas

import (
	"context"
	"net/http"
)

// Priority says who goes first when the calls of a project have to queue for
// the rate limit. Of equals the one that came first goes first. A call precedes
// those of lower priority that came shortly before it, not all of them.
type Priority int

// The priorities that calls have by themselves.
const (
	// PriorityList is that of lists, which serve polls.
	PriorityList Priority = iota + 1
	// PriorityRead is that of reading one object.
	PriorityRead
	// PriorityWrite is that of POST, PATCH and DELETE, and of reservations.
	PriorityWrite
)

type priorityKey struct{}

// WithPriority returns a context whose calls queue with a priority other than
// their own, for example a list that a write waits for.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, min(max(p, PriorityList), PriorityWrite))
}

// priorityOf is the priority that the context asks for, or else the call's own.
func priorityOf(ctx context.Context, own Priority) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		return p
	}
	return own
}

// priority is that of the call by itself.
func (c call) priority() Priority {
	switch {
	case c.method != http.MethodGet:
		return PriorityWrite
	case c.list:
		return PriorityList
	default:
		return PriorityRead
	}
}
