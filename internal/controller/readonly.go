package controller

import (
	"context"
	"errors"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// errReadOnly: a kind that only reads was asked to write. The decisions for Observe never do.
var errReadOnly = errors.New("this kind only reads Atlas")

// readOnly is the writer of kinds that only read.
type readOnly struct{}

func (readOnly) identity() string        { return "" }
func (readOnly) claimKey() string        { return "" }
func (readOnly) lockKey() string         { return "" }
func (readOnly) queueKey() string        { return "" }
func (readOnly) objectKey(string) string { return "" }
func (readOnly) create(context.Context) (decision.RemoteObject, error) {
	return decision.RemoteObject{}, errReadOnly
}
func (readOnly) update(context.Context, decision.RemoteObject) error { return errReadOnly }
func (readOnly) delete(context.Context, string) error                { return errReadOnly }
func (readOnly) requested()                                          {}
func (readOnly) sent(bool)                                           {}
func (readOnly) owner(context.Context, string) (string, error)       { return "", nil }
func (readOnly) same(context.Context) ([]managed, error)             { return nil, nil }
func (readOnly) users(context.Context) ([]string, error)             { return nil, nil }
func (readOnly) showUsers([]string)                                  {}
func (readOnly) inUseHint() string                                   { return "" }
func (readOnly) carryStatus(managed)                                 {}
