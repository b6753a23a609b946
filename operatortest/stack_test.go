package operatortest_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/operatortest"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

func connection(namespace, name, credentials string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.StreamConnectionSpec{
			ManagedSpec: v1alpha1.ManagedSpec{
				ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: credentials},
			},
			WorkspaceName: atlastest.DefaultWorkspace, Type: v1alpha1.TypeHTTPS,
			HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
		},
	}
}

func link(namespace, name, credentials string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: v1alpha1.ManagedSpec{
				ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: credentials},
			},
			Provider: v1alpha1.ProviderAWS, Vendor: "S3", Region: "us-east-1",
			ServiceEndpointID: "com.amazonaws.us-east-1.s3",
		},
	}
}

func connections(stack *operatortest.Stack) (names []string) {
	for _, c := range stack.Atlas.Connections(atlastest.DefaultProjectID, atlastest.DefaultWorkspace) {
		names = append(names, c.Name)
	}
	return names
}

func TestStackRunsTheOperator(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	started := time.Now()
	stack := operatortest.Start(t)
	t.Logf("started in %s", time.Since(started).Round(time.Millisecond))

	object := connection("default", "orders", stack.Credentials(ctx, "default"))
	g.Expect(stack.Client.Create(ctx, object)).To(Succeed())
	operatortest.WaitReady(ctx, t, stack.Client, object)
	g.Expect(object.Status.ID).NotTo(BeEmpty(), "what was read last is in the object")
	g.Expect(connections(stack)).To(Equal([]string{"orders"}))

	object.Spec.HTTPS.URL = "https://example.com/changed"
	g.Expect(stack.Client.Update(ctx, object)).To(Succeed())
	operatortest.WaitReady(ctx, t, stack.Client, object)
	inAtlas, _ := stack.Atlas.Connection(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "orders")
	g.Expect(inAtlas.Fields).To(HaveKeyWithValue("url", "https://example.com/changed"), "Ready is for the new generation")

	g.Expect(stack.Client.Delete(ctx, object)).To(Succeed())
	operatortest.WaitGone(ctx, t, stack.Client, object)
	g.Expect(connections(stack)).To(BeEmpty())
}

// Stacks with namespaces of their own share an API server, as the processes of a parallel suite do: each has its own
// Atlas and sees nothing of the others.
func TestStacksShareAnAPIServer(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	first := operatortest.Start(t, operatortest.ManagerFlags("--watch-namespaces=one"))
	handedOver, err := clientcmd.RESTConfigFromKubeConfig(first.Kubeconfig())
	g.Expect(err).NotTo(HaveOccurred())
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	defer certified.Close()
	second := operatortest.Start(t, operatortest.Into(handedOver), operatortest.ManagerFlags("--watch-namespaces=two"),
		operatortest.Simulator(atlastest.WithTLS(&tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12})))
	g.Expect(second.Atlas.URL).To(HavePrefix("https:"), "a certificate that only the kit can trust")

	one := connection("one", "a", first.Credentials(ctx, "one"))
	two := connection("two", "b", second.Credentials(ctx, "two"))
	g.Expect(first.Client.Create(ctx, one)).To(Succeed())
	g.Expect(second.Client.Create(ctx, two)).To(Succeed())
	operatortest.WaitReady(ctx, t, second.Client, one)
	operatortest.WaitReady(ctx, t, first.Client, two)
	g.Expect(connections(first)).To(Equal([]string{"a"}))
	g.Expect(connections(second)).To(Equal([]string{"b"}))
}

// An API server of somebody else serves stacks one after the other.
func TestIntoARunningAPIServer(t *testing.T) {
	environment := testenv.New(t, testenv.Options{WithoutCRDs: true})
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			stack := operatortest.Start(t, operatortest.Into(environment.Config))
			object := connection(name, name, stack.Credentials(t.Context(), name))
			g.Expect(stack.Client.Create(t.Context(), object)).To(Succeed())
			operatortest.WaitReady(t.Context(), t, stack.Client, object)
			g.Expect(stack.Client.Delete(t.Context(), object)).To(Succeed())
			operatortest.WaitGone(t.Context(), t, stack.Client, object)
		})
	}
	t.Run("which its owner stops first", func(t *testing.T) {
		operatortest.Start(t, operatortest.Into(environment.Config)).Stop()
		NewWithT(t).Expect(environment.Stop()).To(Succeed(), "no watch of the stack holds it up")
	})
}
