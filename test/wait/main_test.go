// Package wait_test tells what tools that wait see of our resources, such as `helm --wait` and Flux: it runs the real
// controllers against a real API server and the simulator, and lets kstatus, the library of those tools, judge every
// version of every resource. With kube-controller-manager it also deletes whole namespaces.
package wait_test

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/suite"
)

var world suite.World

func TestMain(m *testing.M) {
	SetDefaultConsistentlyDuration(time.Second)
	os.Exit(world.Run(m, suite.Options{
		// A namespace takes long by itself, because its controller looks at what is left only every few seconds.
		Patience: 60 * time.Second, Polling: 25 * time.Millisecond,
		ControlPlane: testenv.Options{ControllerManager: true},
	}))
}
