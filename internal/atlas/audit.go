package atlas

import "context"

type auditKey struct{}

// WithRequestID returns a context whose calls leave the id that Atlas gave their last answer in id, for audit lines. It
// stays empty when Atlas gives none.
func WithRequestID(ctx context.Context) (_ context.Context, id *string) {
	id = new(string)
	return context.WithValue(ctx, auditKey{}, id), id
}

func noteRequestID(ctx context.Context, requestID string) {
	if id, ok := ctx.Value(auditKey{}).(*string); ok {
		*id = requestID
	}
}
