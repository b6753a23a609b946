package wait_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// stage is where one test takes place: a namespace with credentials, and an Atlas of its own.
type stage struct {
	*WithT
	t         *testing.T
	namespace string
	atlas     *atlastest.Server
}

func newStage(t *testing.T, options ...atlastest.Option) *stage {
	t.Helper()
	s := &stage{
		WithT: NewWithT(t), t: t, namespace: fmt.Sprintf("wait-%d", world.stages.Add(1)),
		atlas: atlastest.NewServer(t, options...),
	}
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}})
	s.createCredentials()
	s.create(&corev1.Secret{ObjectMeta: s.meta("kafka"), StringData: map[string]string{"password": "planted-kafka-password"}})
	return s
}

func (s *stage) createCredentials() {
	s.t.Helper()
	s.create(&corev1.Secret{ObjectMeta: s.meta("atlas"), StringData: map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	}})
}

func (s *stage) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.namespace, Name: name}
}

func (s *stage) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

// link is a link to a dedicated Confluent cluster on AWS.
func (s *stage) link(name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: s.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		DNSDomain:         name + ".us-east-1.aws.confluent.cloud", DNSSubDomain: []string{},
	}}
}

// kafka is a Kafka connection over a link, with a password.
func (s *stage) kafka(name, link string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeKafka,
		Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: "lkc-1.us-east-1.aws.confluent.cloud:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "orders",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		},
		Networking: &v1alpha1.ConnectionNetworking{
			Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: link},
		},
	}}
}

// https is a public connection without any secret.
func (s *stage) https(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
	}}
}

func (s *stage) create(objects ...client.Object) {
	s.t.Helper()
	for _, object := range objects {
		s.Expect(world.kube.Create(s.t.Context(), object)).To(Succeed())
	}
}

func (s *stage) delete(objects ...client.Object) {
	s.t.Helper()
	for _, object := range objects {
		s.Expect(world.kube.Delete(s.t.Context(), object)).To(Succeed())
	}
}

// managed is a resource of either kind.
type managed interface {
	client.Object
	v1alpha1.Managed
}

// edit changes a resource, again while others change it at the same time.
func edit[R managed](s *stage, r R, change func(R)) {
	s.t.Helper()
	s.Eventually(func() error {
		if err := world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r); err != nil {
			return err
		}
		change(r)
		return world.kube.Update(s.t.Context(), r)
	}).Should(Succeed())
}

// abandon lets the deletion of a resource finish without Atlas.
func abandon(s *stage, r managed) {
	s.t.Helper()
	edit(s, r, func(r managed) { r.SetAnnotations(map[string]string{v1alpha1.AnnotationAbandon: "true"}) })
}

// await waits until a condition of the resource's generation matches, as in "True Done".
func (s *stage) await(r managed, kind, statusAndReason string, message ...types.GomegaMatcher) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		g.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
		conditions := r.GetManagedStatus().Conditions
		found := meta.FindStatusCondition(conditions, kind)
		g.Expect(found).NotTo(BeNil(), "no %s in %+v", kind, conditions)
		g.Expect(string(found.Status)+" "+found.Reason).To(Equal(statusAndReason), "%+v", conditions)
		g.Expect(found.ObservedGeneration).To(Equal(r.GetGeneration()))
		for _, m := range message {
			g.Expect(found.Message).To(m)
		}
	}).Should(Succeed(), r.GetName())
}

// awaitGone waits until the API server no longer has the object.
func (s *stage) awaitGone(object client.Object) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		err := world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(object), object)
		g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "still there: %+v", object)
	}).Should(Succeed(), object.GetName())
}

// expectNothingInAtlas looks for orphans.
func (s *stage) expectNothingInAtlas() {
	s.t.Helper()
	s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty(), "orphans")
	s.Expect(s.atlas.Connections(project, workspace)).To(BeEmpty(), "orphans")
}
