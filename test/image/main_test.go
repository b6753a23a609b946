// Package image_test tells what the image is made of, since nothing here can run one: it builds the manager with the
// Dockerfile's own command, from nothing but what the Dockerfile copies, and runs it as a container would be run: as
// its user, in a read-only root file system with only CA certificates, against a real API server and the simulator.
package image_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
const patience = 90 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(sandboxVariable) != "" {
		// Comes back only when it fails.
		fmt.Fprintln(os.Stderr, "sandbox:", enterSandbox(os.Getenv(sandboxVariable), os.Args[1:]))
		os.Exit(1)
	}
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	os.Exit(m.Run())
}
