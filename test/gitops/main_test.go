// Package gitops_test tells what Argo CD, Flux and kubectl make of our resources: it runs the real controllers against a
// real API server and the simulator, and lets the health checks of gitops/ judge the very resources, in the machinery
// that those tools run them in.
package gitops_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/suite"
)

// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
const patience = 90 * time.Second

// world is what all tests share.
var world struct {
	suite.World
	kubectl string
}

func TestMain(m *testing.M) {
	os.Exit(world.Run(m, suite.Options{
		Patience: patience, Polling: 50 * time.Millisecond,
		Prepare: func(context.Context) (err error) {
			world.kubectl, err = testenv.Binary("kubectl")
			return err
		},
	}))
}
