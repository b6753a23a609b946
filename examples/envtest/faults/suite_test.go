// Package faults_test shows what the team's resources look like when something goes wrong, and that they recover. Run it
// in parallel with `ginkgo -p`: all processes share one API server; each has an operator, an Atlas and a namespace of its
// own.
package faults_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/operatortest"
)

var (
	stack     *operatortest.Stack
	namespace string
)

func TestFaults(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Faults")
}

// start starts the stack of this process, which looks after its own namespace.
func start(options ...operatortest.Option) {
	ctrl.SetLogger(GinkgoLogr)
	namespace = fmt.Sprintf("process-%d", GinkgoParallelProcess())
	stack = operatortest.Start(GinkgoT(), append(options, operatortest.ManagerFlags("--watch-namespaces="+namespace))...)
}

var _ = SynchronizedBeforeSuite(func() []byte {
	start() // with the API server, in the first process
	return stack.Kubeconfig()
}, func(kubeconfig []byte) {
	if stack == nil { // in the others
		cfg, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
		Expect(err).NotTo(HaveOccurred())
		start(operatortest.Into(cfg))
	}
})

func managed(credentials string) v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{
		ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: credentials},
	}
}

func connection(name, credentials string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.StreamConnectionSpec{
			ManagedSpec: managed(credentials), WorkspaceName: atlastest.DefaultWorkspace, Type: v1alpha1.TypeHTTPS,
			HTTPS: &v1alpha1.HTTPSConnection{URL: "https://shop.example.com/" + name},
		},
	}
}

var _ = It("shows why a link fails, and goes on when its cause is mended", func(ctx SpecContext) {
	stack.Atlas.FailNextPrivateLink(atlastest.DefaultProjectID, "the endpoint service refused the connection")
	link := &v1alpha1.StreamPrivateLink{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "buckets"},
		Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: managed(stack.Credentials(ctx, namespace)), Provider: v1alpha1.ProviderAWS,
			Vendor: v1alpha1.VendorS3, Region: "us-east-1", ServiceEndpointID: "com.amazonaws.us-east-1.s3",
		},
	}
	Expect(stack.Client.Create(ctx, link)).To(Succeed())
	operatortest.WaitReason(ctx, GinkgoT(), stack.Client, link, v1alpha1.ConditionStalled, v1alpha1.ReasonFailed)

	Expect(stack.Atlas.SetPrivateLinkState(link.Status.ID, atlastest.StateDone, "")).To(BeTrue())
	operatortest.WaitReason(ctx, GinkgoT(), stack.Client, link, v1alpha1.ConditionReady, v1alpha1.ReasonDone)
})

var _ = It("makes one connection when the answer to its creation is lost", func(ctx SpecContext) {
	lost := stack.Atlas.Inject(atlastest.Fault{Operation: atlastest.OpCreateConnection, Times: 1, DropAfter: true})
	made := stack.Atlas.Ledger().Connections.Created
	orders := connection("orders", stack.Credentials(ctx, namespace))
	Expect(stack.Client.Create(ctx, orders)).To(Succeed())
	operatortest.WaitReady(ctx, GinkgoT(), stack.Client, orders)
	Expect(lost.Count()).To(Equal(1))
	Expect(stack.Atlas.Ledger().Connections.Created - made).To(Equal(1))
})

var _ = It("goes on with the new secret of a service account", func(ctx SpecContext) {
	secret := &corev1.Secret{}
	secret.Namespace, secret.Name = namespace, stack.Credentials(ctx, namespace)
	Expect(stack.Client.Get(ctx, client.ObjectKeyFromObject(secret), secret)).To(Succeed())
	payments := connection("payments", secret.Name)
	Expect(stack.Client.Create(ctx, payments)).To(Succeed())
	operatortest.WaitReady(ctx, GinkgoT(), stack.Client, payments)

	account := string(secret.Data["clientId"])
	stack.Atlas.UpdateCredential(account, atlastest.Secret("rotated"))
	stack.Atlas.RevokeTokens(account)
	operatortest.WaitReason(ctx, GinkgoT(), stack.Client, payments, v1alpha1.ConditionCredentialsReady, v1alpha1.ReasonUnauthorized)

	secret.StringData = map[string]string{"clientSecret": "rotated"}
	Expect(stack.Client.Update(ctx, secret)).To(Succeed())
	operatortest.WaitReason(ctx, GinkgoT(), stack.Client, payments, v1alpha1.ConditionCredentialsReady, v1alpha1.ReasonAccepted)
	operatortest.WaitReady(ctx, GinkgoT(), stack.Client, payments)
})
