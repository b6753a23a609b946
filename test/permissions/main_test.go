// Package permissions_test runs the manager, a process of its own, with the rights that config/rbac gives its
// ServiceAccount and with nothing else: all of them, which is enough, and then all but one, which is not. No node runs
// pods here, so the token of the ServiceAccount comes from the API server by TokenRequest.
package permissions_test

import (
	"os"
	"testing"
	"time"

	_ "github.com/atlasstreams/operator/internal/manager" // see manager.Build
	"github.com/atlasstreams/operator/test/internal/suite"
)

var world suite.World

func TestMain(m *testing.M) {
	os.Exit(world.Run(m, suite.Options{Patience: 90 * time.Second, Polling: 50 * time.Millisecond, AtOnce: 3, Manager: true}))
}
