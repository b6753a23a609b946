package atlas

import "context"

type auditKey struct{}

// WithRequestID returns a context whose calls store the request ID of the last response in id, for
// audit log lines. It stays empty if Atlas sends none.
func WithRequestID(ctx context.Context) (_ context.Context, id *string) {
	id = new(string)
	return context.WithValue(ctx, auditKey{}, id), id
}

func noteRequestID(ctx context.Context, requestID string) {
	if id, ok := ctx.Value(auditKey{}).(*string); ok {
		*id = requestID
	}
}
