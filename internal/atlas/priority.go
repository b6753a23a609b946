package atlas

import (
	"context"
	"net/http"
)

// Priority orders the calls of a project that wait for the rate limit. Calls of equal priority are
// served in order of arrival. A call precedes only those of lower priority that arrived shortly
// before it.
type Priority int

// The default priorities of calls.
const (
	// PriorityList is the priority of lists, which serve polls.
	PriorityList Priority = iota + 1
	// PriorityRead is the priority of reading one object.
	PriorityRead
	// PriorityWrite is the priority of POST, PATCH and DELETE, and of reservations.
	PriorityWrite
)

type priorityKey struct{}

// WithPriority returns a context that overrides the priority of its calls, for example for a list
// that a write depends on.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, min(max(p, PriorityList), PriorityWrite))
}

// priorityOf returns the context's priority, or the call's default.
func priorityOf(ctx context.Context, own Priority) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		return p
	}
	return own
}

// priority returns the default priority of the call.
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
