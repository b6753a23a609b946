package controller

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
)

// kinds are all kinds that this operator knows.
func kinds() []*Kind { return []*Kind{linkKind(), connectionKind(), serviceKind()} }

// SetupAll registers all controllers with the manager. Close the result after the manager has ended.
func SetupAll(ctx context.Context, mgr ctrl.Manager, options Options) (*Controllers, error) {
	return Setup(ctx, mgr, options, kinds())
}
