package v1alpha1_test

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv"
)

var (
	// restConfig and kubeconfig are an administrator's.
	restConfig *rest.Config
	kubeconfig string
	// cluster is the API server with the project's CRDs.
	cluster client.Client
)

func TestAPI(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	suite.RandomizeAllSpecs = true
	RunSpecs(t, "API", suite, reporter)
}

// One control plane serves all processes of a parallel run.
var _ = SynchronizedBeforeSuite(func(ctx SpecContext) []byte {
	env, err := testenv.Start(ctx, testenv.Options{})
	Expect(err).NotTo(HaveOccurred())
	// Registered first, this runs after what other processes have to finish.
	DeferCleanup(func() {
		if CurrentSpecReport().Failed() {
			GinkgoWriter.Print(env.Logs())
		}
		Expect(env.Stop()).To(Succeed())
	})
	return []byte(env.Kubeconfig)
}, func(path []byte) {
	kubeconfig = string(path)
	Expect(kubeconfig).To(BeAnExistingFile())
	content, err := os.ReadFile(kubeconfig)
	Expect(err).NotTo(HaveOccurred())
	restConfig, err = clientcmd.RESTConfigFromKubeConfig(content)
	Expect(err).NotTo(HaveOccurred())
	// Hundreds of small requests: the client's own brake would be most of the suite's time.
	restConfig.QPS = -1
	// Logged warnings would tell of fields that do not exist; as errors they cannot be overlooked.
	restConfig.WarningHandlerWithContext = rest.NoWarnings{}
	lenient, err := client.New(restConfig, client.Options{Scheme: newScheme()})
	Expect(err).NotTo(HaveOccurred())
	cluster = client.WithFieldValidation(lenient, metav1.FieldValidationStrict)
	SetDefaultEventuallyTimeout(time.Minute) // a bound for slow machines, not a wait
})

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, v1alpha1.AddToScheme} {
		Expect(add(s)).To(Succeed())
	}
	return s
}

// newNamespace makes a namespace of the spec's own.
func newNamespace(ctx SpecContext) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "api-"}}
	Expect(cluster.Create(ctx, namespace)).To(Succeed())
	return namespace.Name
}
