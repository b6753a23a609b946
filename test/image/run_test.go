package image_test

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manager"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

func hostArch(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the image is for Linux, and so is what runs in it")
	}
	return runtime.GOARCH
}

// The manager works in the image, deployed as config/default says: with and without the FIPS module, and where all that
// is not approved is forbidden.
func TestRun(t *testing.T) {
	arch := hostArch(t)
	needSandbox(t)
	c := newCluster(t)
	sources := checkout(t)
	for _, variant := range []struct{ fips, godebug string }{{fips: "off"}, {fips: "latest"}, {"latest", "fips140=only"}} {
		t.Run("GOFIPS140="+variant.fips+" GODEBUG="+variant.godebug, func(t *testing.T) {
			program := build(t, sources, buildArguments{arch: arch, version: "v1.2.3", fips: variant.fips})
			c.run(t, program, variant.godebug)
		})
	}
}

// cluster is an API server with the operator deployed, as far as that goes without nodes.
type cluster struct {
	env        *testenv.Environment
	kube       client.WithWatch
	deployment appsv1.Deployment
	runs       int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	g := NewWithT(t)
	c := &cluster{env: testenv.New(t, testenv.Options{})}
	c.kube = kubetest.Dial(t, c.env.Config).Kube

	kubectl, err := testenv.Binary("kubectl")
	g.Expect(err).NotTo(HaveOccurred())
	apply := exec.CommandContext(t.Context(), kubectl, "--kubeconfig="+c.env.Kubeconfig, "apply", "--server-side",
		"--force-conflicts", "-k", filepath.Join(moduleRoot, "config", "default"))
	out, err := apply.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	var deployments appsv1.DeploymentList
	g.Expect(c.kube.List(t.Context(), &deployments)).To(Succeed())
	g.Expect(deployments.Items).To(HaveLen(1))
	c.deployment = deployments.Items[0]
	return c
}

// run runs a manager in the image's file system until everything works, and lets it clean up.
func (c *cluster) run(t *testing.T, program, godebug string) {
	g := NewWithT(t)
	c.runs++
	tlsServer := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tlsServer.Certificate().Raw})
	certificates := tlsServer.TLS.Certificates
	tlsServer.Close()
	atlas := atlastest.NewServer(t, atlastest.WithTLS(&tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12}))

	root := filepath.Join(t.TempDir(), "root")
	binary, err := os.ReadFile(program)
	g.Expect(err).NotTo(HaveOccurred())
	put(t, root, "manager", binary)
	g.Expect(os.Chmod(filepath.Join(root, "manager"), 0o555)).To(Succeed())
	put(t, root, "etc/ssl/certs/ca-certificates.crt", authority)
	const account = "var/run/secrets/kubernetes.io/serviceaccount/"
	token := kubetest.New(t, c.kube).Token(c.deployment.Namespace, c.deployment.Spec.Template.Spec.ServiceAccountName)
	put(t, root, account+"token", []byte(token))
	put(t, root, account+"ca.crt", c.env.Config.CAData)
	put(t, root, account+"namespace", []byte(c.deployment.Namespace))

	process := c.start(t, root, atlas.URL, godebug)
	c.expectWorks(t, atlas, "service-account", map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	})
	apiKey := map[string]string{"publicApiKey": atlastest.DefaultPublicKey, "privateApiKey": atlastest.DefaultPrivateKey}
	if godebug == "" {
		c.expectWorks(t, atlas, "api-key", apiKey)
	} else { // the digest that Atlas wants for an API key is MD5
		c.expectRefused(t, apiKey)
	}
	g.Expect(process.Failure()).To(Succeed())
	g.Expect(process.Stop()).To(Succeed(), "a graceful end")
}

// start starts the program as the Deployment says, but on ports that are free here.
func (c *cluster) start(t *testing.T, root, atlasURL, godebug string) *testenv.Process {
	t.Helper()
	g := NewWithT(t)
	container := c.deployment.Spec.Template.Spec.Containers[0]
	g.Expect(container.Command).To(BeEmpty(), "the image's entry point is what runs")
	g.Expect(*container.SecurityContext.ReadOnlyRootFilesystem).To(BeTrue())
	g.Expect(*c.deployment.Spec.Template.Spec.SecurityContext.RunAsUser).To(BeEquivalentTo(imageUser))
	probes, metrics := manager.FreeAddress(t), manager.FreeAddress(t)
	args := append([]string{"/manager"}, container.Args...)
	args = append(args, "--health-probe-bind-address="+probes, "--metrics-bind-address="+metrics,
		"--atlas-base-url="+atlasURL, "--atlas-request-timeout=5s", "--pending-poll-interval=200ms", "--steady-poll-interval=1s")

	host, port, err := net.SplitHostPort(strings.TrimPrefix(c.env.Config.Host, "https://"))
	g.Expect(err).NotTo(HaveOccurred())
	environment := strings.Join([]string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port, "GODEBUG=" + godebug}, "\n")
	itself, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	name := fmt.Sprintf("manager-%d", c.runs)
	process, err := c.env.Run(name, []string{sandboxVariable + "=" + root, environmentVariable + "=" + environment}, itself, args...)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(process.Log())
		}
	})
	g.Expect(process.AwaitOK(t.Context(), "http://"+probes+"/readyz")).To(Succeed())
	return process
}

// prepare makes a namespace with credentials, and a link and a connection that are to be created there.
func (c *cluster) prepare(s *kubetest.Client, name string, keys map[string]string) (*v1alpha1.StreamPrivateLink, *v1alpha1.StreamConnection) {
	namespace := fmt.Sprintf("%s-%d", name, c.runs)
	s.Create(manifest.Namespace(namespace), manifest.Secret(namespace, "atlas", keys))
	return manifest.S3Link(namespace, "bucket", "us-east-1"), manifest.HTTPS(namespace, "hook")
}

// expectRefused: these credentials are no good here, which the condition says, and nobody else is harmed by.
func (c *cluster) expectRefused(t *testing.T, keys map[string]string) {
	t.Helper()
	s := kubetest.New(t, c.kube)
	link, _ := c.prepare(s, "refused", keys)
	s.Create(link)
	s.Eventually(func(g Gomega) {
		g.Expect(c.kube.Get(t.Context(), client.ObjectKeyFromObject(link), link)).To(Succeed())
		condition := meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionCredentialsReady)
		g.Expect(condition).To(HaveValue(HaveField("Reason", v1alpha1.ReasonUnauthorized)))
	}).Should(Succeed())
	s.Delete(link)
}

// expectWorks: with these credentials a link and a connection become Ready, and are gone from Atlas when they are deleted.
func (c *cluster) expectWorks(t *testing.T, atlas *atlastest.Server, name string, keys map[string]string) {
	t.Helper()
	s := kubetest.New(t, c.kube)
	link, connection := c.prepare(s, name, keys)
	s.Create(link, connection)
	s.AwaitReady(link, connection)
	s.Delete(link, connection)
	s.AwaitGone(link, connection)
	s.ExpectNoOrphans(atlas)
}
