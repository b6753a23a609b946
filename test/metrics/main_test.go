// Package metrics_test tells whether what is made of the metrics fits them: the alerts, their pages and the dashboard.
// The queries run against what a live manager serves, a process of its own beside a real API server and the simulator,
// and are answered by the query engine of Prometheus.
package metrics_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	SetDefaultEventuallyTimeout(90 * time.Second) // bounds failures only
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	// Charts, docs and programs belong to the operator's module, not to this one.
	if err := os.Chdir("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// promtool runs promtool, which make builds.
func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := os.Stat("bin/promtool"); err != nil {
		t.Fatalf("%v: build it by `make bin/promtool`", err)
	}
	out, err := exec.CommandContext(t.Context(), "bin/promtool", args...).CombinedOutput()
	return string(out), err
}
