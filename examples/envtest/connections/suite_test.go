package connections_test

import (
	"context"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"example.com/shop/connections"
	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/operatortest"
)

var stack *operatortest.Stack

func TestConnections(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Connections")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	ctrl.SetLogger(GinkgoLogr)
	stack = operatortest.Start(GinkgoT())
	mgr, err := ctrl.NewManager(stack.Config, ctrl.Options{
		Scheme: stack.Client.Scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
	})
	Expect(err).NotTo(HaveOccurred())
	reconciler := &connections.Reconciler{
		Client: mgr.GetClient(), ProjectID: atlastest.DefaultProjectID, Workspace: atlastest.DefaultWorkspace,
		Credentials: stack.Credentials(ctx, "default"),
	}
	Expect(reconciler.SetupWithManager(mgr)).To(Succeed())
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(running) }()
	DeferCleanup(func() {
		stop()
		Eventually(ended).Should(Receive(Succeed()))
	})
})

var _ = It("makes a connection for a ConfigMap and follows its changes", func(ctx SpecContext) {
	webhook := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "orders", Labels: map[string]string{connections.Label: "true"}},
		Data:       map[string]string{"url": "https://shop.example.com/orders"},
	}
	Expect(stack.Client.Create(ctx, webhook)).To(Succeed())
	connection := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "orders"}}
	operatortest.WaitReady(ctx, GinkgoT(), stack.Client, connection)

	webhook.Data["url"] = "https://shop.example.com/v2/orders"
	Expect(stack.Client.Update(ctx, webhook)).To(Succeed())
	Eventually(func() any {
		inAtlas, _ := stack.Atlas.Connection(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "orders")
		return inAtlas.Fields["url"]
	}, "20s").Should(Equal("https://shop.example.com/v2/orders"))
})
