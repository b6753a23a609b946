// Package charts_test tries the Helm charts and the static install as a platform team uses them: the real helm and
// kubectl as processes against a real API server, and beside it the real manager as a process, with the command line
// and the rights of what was installed, since no node runs pods here. Atlas is the simulator.
package charts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/suite"
)

// The charts, from the root of the module, where the tests run.
const (
	operatorChart = "charts/atlas-streams-operator"
	crdsChart     = "charts/atlas-streams-crds"
	streamsChart  = "charts/atlas-streams"
)

// world is what all tests share: a cluster with the resource definitions, from their chart.
var world struct {
	suite.World
	*cluster
	// simulator is the path of the program.
	simulator string
}

func TestMain(m *testing.M) {
	SetDefaultConsistentlyDuration(time.Second)
	os.Exit(world.Run(m, suite.Options{
		Patience: 90 * time.Second, Polling: 50 * time.Millisecond, Manager: true,
		ControlPlane: testenv.Options{ControllerManager: true, WithoutCRDs: true},
		Prepare:      prepare,
	}))
}

func prepare(ctx context.Context) error {
	if err := apiextensionsv1.AddToScheme(scheme.Scheme); err != nil {
		return fmt.Errorf("build the scheme: %w", err)
	}
	world.cluster = &cluster{env: world.Env, kube: world.Kube, home: filepath.Join(world.Dir, "helm")}
	var err error
	if world.simulator, err = buildSimulator(ctx, world.Dir); err != nil {
		return err
	}
	_, err = world.helm(ctx, "install", "atlas-streams-crds", crdsChart, "--namespace", "kube-system", "--wait")
	return err
}

// cluster is a control plane, and the programs that are used with it.
type cluster struct {
	env  *testenv.Environment
	kube client.WithWatch
	// home is where helm keeps what it remembers.
	home string
}

// bareCluster is an API server for one test, with nothing of ours in it.
func bareCluster(t *testing.T, options testenv.Options) *cluster {
	t.Helper()
	options.WithoutCRDs = true
	env := testenv.New(t, options)
	return &cluster{env: env, kube: kubetest.Dial(t, env.Config).Kube, home: t.TempDir()}
}
