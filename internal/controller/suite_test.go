package controller_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
	"github.com/atlasstreams/operator/internal/testenv"
)

// The suite runs the real controllers in a real manager, against a real API server and, over HTTP, the simulator.
var (
	kube    client.Client
	sim     *atlastest.Server
	logs    = &logBuffer{}
	counter atomic.Int64
)

const (
	// requestTimeout makes settle two seconds.
	requestTimeout     = time.Second
	steadyPollInterval = time.Second
)

func TestControllers(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	suite.RandomizeAllSpecs = true
	SetDefaultEventuallyTimeout(20 * time.Second)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultConsistentlyDuration(500 * time.Millisecond)
	EnforceDefaultTimeoutsWhenUsingContexts()
	RunSpecs(t, "Controllers", suite, reporter)
}

var _ = BeforeSuite(func(ctx SpecContext) {
	logger := zap.New(zap.WriteTo(logs), zap.UseDevMode(true), zap.Level(zapcore.Level(-10)))
	ctrl.SetLogger(logger)
	env, err := testenv.Start(ctx, testenv.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(env.Stop)

	sim, err = atlastest.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sim.Close)

	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	kube, err = client.New(env.Config, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())

	startManager(env, scheme, logger)
}, NodeTimeout(2*time.Minute))

func startManager(env *testenv.Environment, scheme *runtime.Scheme, logger logr.Logger) {
	mgr, err := ctrl.NewManager(env.Config, ctrl.Options{
		Scheme:     scheme,
		Cache:      cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // outlives the setup node's context
	_, err = lifecycle.Setup(ctx, mgr, lifecycle.Options{
		Recorder: metrics.New(clock.RealClock{}, nil), Clock: clock.RealClock{},
		Atlas:               atlas.Options{BaseURL: sim.URL, Timeout: requestTimeout, Version: "test", Logger: logger.WithName("atlas")},
		PendingPollInterval: 100 * time.Millisecond, SteadyPollInterval: steadyPollInterval,
		MaxConcurrentReconciles: 10,
	}, controller.Kinds())
	Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	DeferCleanup(func() {
		cancel()
		Eventually(ended).Should(Receive(Succeed()))
	})
}

// logBuffer keeps what the manager logs at the highest verbosity.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
	// taken is how much of it was searched.
	taken int
}

// takeNew returns what was logged since the last time, and a little from before: a line may have been half written.
func (l *logBuffer) takeNew() []byte {
	const overlap = 1 << 16
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := bytes.Clone(l.buf.Bytes()[max(l.taken-overlap, 0):])
	l.taken = l.buf.Len()
	return fresh
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// tenant is a namespace with an Atlas project and workspace of its own, so that specs do not see each other.
type tenant struct {
	namespace, project, workspace string
	clientID, clientSecret        string
}

// newTenant makes a tenant whose credentials are in the Secret "atlas".
func newTenant(ctx context.Context) tenant {
	GinkgoHelper()
	n := counter.Add(1)
	t := tenant{
		namespace: fmt.Sprintf("tenant-%d", n), project: fmt.Sprintf("%024x", 0xabc000+n), workspace: "orders",
		clientID: fmt.Sprintf("mdb_sa_id_%d", n), clientSecret: fmt.Sprintf("planted-client-secret-%d", n),
	}
	sim.AddWorkspace(t.project, t.workspace)
	sim.AddServiceAccount(t.clientID, t.clientSecret, atlastest.ForProjects(t.project))
	Expect(kube.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}})).To(Succeed())
	t.createSecret(ctx, "atlas", map[string]string{"clientId": t.clientID, "clientSecret": t.clientSecret})
	return t
}

func (t tenant) createSecret(ctx context.Context, name string, data map[string]string) {
	GinkgoHelper()
	Expect(kube.Create(ctx, &corev1.Secret{ObjectMeta: t.meta(name), StringData: data})).To(Succeed())
}

// setSecret changes the values of a Secret.
func (t tenant) setSecret(ctx context.Context, name string, data map[string]string) {
	GinkgoHelper()
	patched := &corev1.Secret{ObjectMeta: t.meta(name)}
	Expect(kube.Get(ctx, client.ObjectKeyFromObject(patched), patched)).To(Succeed())
	patched.StringData = data
	Expect(kube.Update(ctx, patched)).To(Succeed())
}

func (t tenant) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: t.namespace, Name: name}
}

func (t tenant) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: t.project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

// link is a link to a dedicated Confluent cluster on AWS.
func (t tenant) link(name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta(name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: t.managedSpec(),
		Provider:    v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		DNSDomain:         name + ".us-east-1.aws.confluent.cloud", DNSSubDomain: []string{},
	}}
}

// kafka is a Kafka connection with a password from the Secret "kafka", over the link of that name if there is one.
func (t tenant) kafka(name, link string) *v1alpha1.StreamConnection {
	connection := &v1alpha1.StreamConnection{ObjectMeta: t.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: t.workspace, Type: v1alpha1.TypeKafka,
		Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: "lkc-1.us-east-1.aws.confluent.cloud:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "orders",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		},
	}}
	if link != "" {
		connection.Spec.Networking = &v1alpha1.ConnectionNetworking{
			Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: link},
		}
	}
	return connection
}

// https is a public connection without any secret.
func (t tenant) https(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: t.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: t.workspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
	}}
}
