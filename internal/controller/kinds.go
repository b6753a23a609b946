// Package controller has the list of kinds.
package controller

import (
	"github.com/atlasstreams/operator/internal/kinds/connection"
	"github.com/atlasstreams/operator/internal/kinds/endpointservice"
	"github.com/atlasstreams/operator/internal/kinds/privatelink"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// Kinds makes all kinds that this operator knows. Kinds remember what they saw: share those of the controllers.
func Kinds() []*lifecycle.Kind {
	return []*lifecycle.Kind{privatelink.Kind(), connection.Kind(), endpointservice.Kind()}
}
