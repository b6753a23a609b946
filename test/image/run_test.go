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
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
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
	kube       client.Client
	deployment appsv1.Deployment
	runs       int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	g := NewWithT(t)
	c := &cluster{env: testenv.New(t, testenv.Options{})}
	scheme := apiruntime.NewScheme()
	g.Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	var err error
	c.kube, err = client.New(c.env.Config, client.Options{Scheme: scheme})
	g.Expect(err).NotTo(HaveOccurred())

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

// token is one that the kubelet would mount.
func (c *cluster) token(t *testing.T) []byte {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: c.deployment.Namespace, Name: c.deployment.Spec.Template.Spec.ServiceAccountName,
	}}
	request := &authenticationv1.TokenRequest{}
	NewWithT(t).Expect(c.kube.SubResource("token").Create(t.Context(), account, request)).To(Succeed())
	return []byte(request.Status.Token)
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
	put(t, root, account+"token", c.token(t))
	put(t, root, account+"ca.crt", c.env.Config.CAData)
	put(t, root, account+"namespace", []byte(c.deployment.Namespace))

	manager := c.start(t, root, atlas.URL, godebug)
	c.expectWorks(t, atlas, "service-account", map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	})
	apiKey := map[string]string{"publicApiKey": atlastest.DefaultPublicKey, "privateApiKey": atlastest.DefaultPrivateKey}
	if godebug == "" {
		c.expectWorks(t, atlas, "api-key", apiKey)
	} else { // the digest that Atlas wants for an API key is MD5
		c.expectRefused(t, apiKey)
	}
	g.Expect(manager.Failure()).To(Succeed())
	g.Expect(manager.Stop()).To(Succeed(), "a graceful end")
}

// start starts the program as the Deployment says, but on ports that are free here.
func (c *cluster) start(t *testing.T, root, atlasURL, godebug string) *testenv.Process {
	t.Helper()
	g := NewWithT(t)
	container := c.deployment.Spec.Template.Spec.Containers[0]
	g.Expect(container.Command).To(BeEmpty(), "the image's entry point is what runs")
	g.Expect(*container.SecurityContext.ReadOnlyRootFilesystem).To(BeTrue())
	g.Expect(*c.deployment.Spec.Template.Spec.SecurityContext.RunAsUser).To(BeEquivalentTo(imageUser))
	probes, metrics := freeAddress(t), freeAddress(t)
	args := append([]string{"/manager"}, container.Args...)
	args = append(args, "--health-probe-bind-address="+probes, "--metrics-bind-address="+metrics,
		"--atlas-base-url="+atlasURL, "--atlas-request-timeout=5s", "--pending-poll-interval=200ms", "--steady-poll-interval=1s")

	host, port, err := net.SplitHostPort(strings.TrimPrefix(c.env.Config.Host, "https://"))
	g.Expect(err).NotTo(HaveOccurred())
	environment := strings.Join([]string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port, "GODEBUG=" + godebug}, "\n")
	itself, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	name := fmt.Sprintf("manager-%d", c.runs)
	manager, err := c.env.Run(name, []string{sandboxVariable + "=" + root, environmentVariable + "=" + environment}, itself, args...)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(manager.Log())
		}
	})
	g.Expect(manager.AwaitOK(t.Context(), "http://"+probes+"/readyz")).To(Succeed())
	return manager
}

// prepare makes a namespace with credentials, and a link and a connection that are to be created there.
func (c *cluster) prepare(t *testing.T, name string, keys map[string]string) []v1alpha1.Managed {
	t.Helper()
	g := NewWithT(t)
	namespace := fmt.Sprintf("%s-%d", name, c.runs)
	g.Expect(c.kube.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	of := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }
	g.Expect(c.kube.Create(t.Context(), &corev1.Secret{ObjectMeta: of("atlas"), StringData: keys})).To(Succeed())
	managed := v1alpha1.ManagedSpec{ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: of("bucket"), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: managed, Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3,
		Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.s3",
	}}
	connection := &v1alpha1.StreamConnection{ObjectMeta: of("hook"), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: managed, WorkspaceName: atlastest.DefaultWorkspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/hook"},
	}}
	return []v1alpha1.Managed{link, connection}
}

// expectRefused: these credentials are no good here, which the condition says, and nobody else is harmed by.
func (c *cluster) expectRefused(t *testing.T, keys map[string]string) {
	t.Helper()
	g := NewWithT(t)
	link := c.prepare(t, "refused", keys)[0]
	g.Expect(c.kube.Create(t.Context(), link)).To(Succeed())
	g.Eventually(func(g Gomega) {
		g.Expect(c.kube.Get(t.Context(), client.ObjectKeyFromObject(link), link)).To(Succeed())
		condition := meta.FindStatusCondition(link.GetObservedStatus().Conditions, v1alpha1.ConditionCredentialsReady)
		g.Expect(condition).To(HaveValue(HaveField("Reason", v1alpha1.ReasonUnauthorized)))
	}).Should(Succeed())
	g.Expect(c.kube.Delete(t.Context(), link)).To(Succeed())
}

// expectWorks: with these credentials a link and a connection become Ready, and are gone from Atlas when they are deleted.
func (c *cluster) expectWorks(t *testing.T, atlas *atlastest.Server, name string, keys map[string]string) {
	t.Helper()
	g := NewWithT(t)
	objects := c.prepare(t, name, keys)
	namespace := objects[0].GetNamespace()
	for _, object := range objects {
		g.Expect(c.kube.Create(t.Context(), object)).To(Succeed())
	}
	for _, object := range objects {
		g.Eventually(func(g Gomega) {
			g.Expect(c.kube.Get(t.Context(), client.ObjectKeyFromObject(object), object)).To(Succeed())
			conditions := object.GetObservedStatus().Conditions
			g.Expect(meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady)).To(BeTrue(), "%+v", conditions)
		}).Should(Succeed(), namespace)
	}
	for _, object := range objects {
		g.Expect(c.kube.Delete(t.Context(), object)).To(Succeed())
	}
	for _, object := range objects {
		g.Eventually(func() bool {
			return apierrors.IsNotFound(c.kube.Get(t.Context(), client.ObjectKeyFromObject(object), object))
		}).Should(BeTrue(), namespace)
	}
	g.Expect(atlas.PrivateLinks(atlastest.DefaultProjectID)).To(BeEmpty())
	g.Expect(atlas.Connections(atlastest.DefaultProjectID, atlastest.DefaultWorkspace)).To(BeEmpty())
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := testenv.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}
