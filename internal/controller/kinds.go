package controller

import (
	"context"

	"github.com/atlasstreams/operator/internal/kinds/endpointservice"

	"github.com/atlasstreams/operator/internal/kinds/privatelink"

	"github.com/atlasstreams/operator/internal/kinds/connection"

	"github.com/atlasstreams/operator/internal/lifecycle"

	ctrl "sigs.k8s.io/controller-runtime"
)

// kinds are all kinds that this operator knows.
func kinds() []*lifecycle.Kind {
	return []*lifecycle.Kind{privatelink.Kind(), connection.Kind(), endpointservice.Kind()}
}

// SetupAll registers all controllers with the manager. Close the result after the manager has ended.
func Setup(ctx context.Context, mgr ctrl.Manager, options lifecycle.Options) (*lifecycle.Controllers, error) {
	return lifecycle.Setup(ctx, mgr, options, kinds())
}
