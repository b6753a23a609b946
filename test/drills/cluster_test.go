package drills_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/docs"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manager"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// quick are durations of a simulator with which a test does not wait.
var quick = atlastest.Durations{Working: 100 * time.Millisecond, Pending: 100 * time.Millisecond, Deleting: 100 * time.Millisecond}

// cluster is an API server that a manager works for.
type cluster struct {
	*kubetest.Client
	t       *testing.T
	env     *testenv.Environment
	manager *testenv.Process
	// environment is added to that of commands.
	environment []string
}

// newCluster starts a cluster of the test's own.
func newCluster(t *testing.T, atlas *atlastest.Server) *cluster {
	t.Helper()
	env := testenv.New(t, testenv.Options{})
	c := &cluster{Client: kubetest.Dial(t, env.Config), t: t, env: env}
	c.startManager(atlas)
	return c
}

// sharedCluster is the one of all tests, with a manager for one namespace.
func sharedCluster(t *testing.T, atlas *atlastest.Server, namespace string) *cluster {
	t.Helper()
	c := &cluster{Client: kubetest.New(t, world.Kube), t: t, env: world.Env}
	c.startManager(atlas, "--watch-namespaces="+namespace)
	return c
}

func (c *cluster) startManager(atlas *atlastest.Server, args ...string) {
	c.t.Helper()
	args = append([]string{"--metrics-bind-address=0", "--health-probe-bind-address=0", "--steady-poll-interval=10s"}, args...)
	process, err := c.env.Run(fmt.Sprintf("manager-%d", world.Number()), nil, world.Manager,
		manager.Args(c.env.Kubeconfig, atlas.URL, 2*time.Second, args...)...)
	c.Expect(err).NotTo(HaveOccurred())
	c.manager = process
	c.t.Cleanup(func() {
		if c.t.Failed() {
			log, _ := os.ReadFile(process.LogPath) // what is missing is seen
			c.t.Logf("%s", log)
		}
		process.Kill()
	})
}

// lose ends manager and API server at once: nothing is deleted, and nothing is said goodbye to.
func (c *cluster) lose() {
	c.t.Helper()
	c.manager.Kill()
	c.Expect(c.env.Stop()).To(Succeed())
}

// run runs blocks of a page, in their order, in a directory.
func (c *cluster) run(dir, page string, names ...string) string {
	c.t.Helper()
	scripts := map[string]string{}
	for _, block := range docs.Marked(c, page) {
		scripts[block.Name] = block.Script
	}
	var out strings.Builder
	for _, name := range names {
		c.Expect(scripts).To(HaveKey(name), page)
		shell := exec.CommandContext(c.t.Context(), "bash", "-euo", "pipefail")
		shell.Dir, shell.Stdin = dir, strings.NewReader(scripts[name])
		shell.Env = append(os.Environ(), "KUBECONFIG="+c.env.Kubeconfig,
			"PATH="+filepath.Dir(world.kubectl)+string(os.PathListSeparator)+os.Getenv("PATH"))
		shell.Env = append(shell.Env, c.environment...)
		shell.Stdout, shell.Stderr = &out, &out
		c.Expect(shell.Run()).To(Succeed(), "%s, %s:\n%s\n%s", page, name, scripts[name], &out)
	}
	return out.String()
}

// managed are all links and connections of the cluster.
func (c *cluster) managed() []v1alpha1.Managed {
	c.t.Helper()
	var links v1alpha1.StreamPrivateLinkList
	var connections v1alpha1.StreamConnectionList
	for _, list := range []client.ObjectList{&links, &connections} {
		c.Expect(c.Kube.List(c.t.Context(), list)).To(Succeed())
	}
	var all []v1alpha1.Managed
	for i := range links.Items {
		all = append(all, &links.Items[i])
	}
	for i := range connections.Items {
		all = append(all, &connections.Items[i])
	}
	return all
}

// awaitAll waits until that many resources are Ready and Synced, with an owner.
func (c *cluster) awaitAll(count int, ownership v1alpha1.Ownership) {
	c.t.Helper()
	c.Eventually(func() (done int) {
		for _, r := range c.managed() {
			conditions := r.GetManagedStatus().Conditions
			if r.GetManagedStatus().Ownership == ownership && meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady) &&
				meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionSynced) {
				done++
			}
		}
		return done
	}).WithPolling(time.Second).Should(Equal(count))
}
