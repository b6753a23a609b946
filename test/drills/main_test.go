// Package drills_test follows procedures of the docs that one cluster or one tool is not enough for: a new cluster takes
// over what a lost one managed, and the operator takes over what another tool made. The manager is a process of its own
// beside a real API server, and Atlas is the simulator.
package drills_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	_ "github.com/atlasstreams/operator/internal/controller" // see manager.Build
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/suite"
)

// world is what all tests share. Its cluster is never lost.
var world struct {
	suite.World
	kubectl string
}

func TestMain(m *testing.M) {
	SetDefaultConsistentlyDuration(time.Second)
	os.Exit(world.Run(m, suite.Options{
		Patience: 6 * time.Minute, Polling: 100 * time.Millisecond, AtOnce: 2, Manager: true, Prepare: prepare,
	}))
}

func prepare(context.Context) error {
	kubectl, err := testenv.Binary("kubectl")
	if err != nil {
		return err
	}
	if world.kubectl, err = filepath.Abs(kubectl); err != nil {
		return fmt.Errorf("find kubectl: %w", err)
	}
	return nil
}
