// Package controller has the list of kinds, and sets up a controller for each.
package controller

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/atlasstreams/operator/internal/kinds/connection"
	"github.com/atlasstreams/operator/internal/kinds/endpointservice"
	"github.com/atlasstreams/operator/internal/kinds/privatelink"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// Kinds are all kinds that this operator knows.
func Kinds() []*lifecycle.Kind {
	return []*lifecycle.Kind{privatelink.Kind(), connection.Kind(), endpointservice.Kind()}
}

// Setup registers all controllers with the manager. Close the result after the manager has ended.
func Setup(ctx context.Context, mgr ctrl.Manager, options lifecycle.Options) (*lifecycle.Controllers, error) {
	return lifecycle.Setup(ctx, mgr, options, Kinds())
}
