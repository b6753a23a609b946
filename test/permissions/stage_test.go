package permissions_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
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

// stage is where one test takes place: a namespace of the operator, one of a team, and an Atlas.
type stage struct {
	*WithT
	t              *testing.T
	operator, team string
	atlas          *atlastest.Server
}

func newStage(t *testing.T) *stage {
	t.Helper()
	number := world.stages.Add(1)
	s := &stage{
		WithT: NewWithT(t), t: t, operator: fmt.Sprintf("operator-%d", number), team: fmt.Sprintf("team-%d", number),
		atlas: atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
			Working: 50 * time.Millisecond, Pending: 50 * time.Millisecond, Deleting: 50 * time.Millisecond,
		})),
	}
	s.createNamespace(s.operator)
	s.createNamespace(s.team)
	return s
}

func (s *stage) create(object client.Object) {
	s.t.Helper()
	s.Expect(world.kube.Create(s.t.Context(), object)).To(Succeed())
}

func (s *stage) createNamespace(name string) {
	s.t.Helper()
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// inputs makes what the resources of a namespace refer to.
func (s *stage) inputs(namespace string) {
	s.t.Helper()
	of := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }
	s.create(&corev1.Secret{ObjectMeta: of("atlas"), StringData: map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	}})
	s.create(&corev1.Secret{ObjectMeta: of("kafka"), StringData: map[string]string{"password": "first"}})
	s.create(&corev1.ConfigMap{ObjectMeta: of("ca"), Data: map[string]string{"ca.crt": "the brokers' authority"}})
}

func managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

func newLink(namespace string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "way"},
		Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
			ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", DNSSubDomain: []string{},
			DNSDomain: namespace + ".example.com",
		},
	}
}

// newConnection uses the link, a password in a Secret and a certificate in a ConfigMap.
func newConnection(namespace string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "orders-" + namespace},
		Spec: v1alpha1.StreamConnectionSpec{
			ManagedSpec: managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeKafka,
			Kafka: &v1alpha1.KafkaConnection{
				BootstrapServers: "first.example.com:9092",
				Authentication: &v1alpha1.KafkaAuthentication{
					Mechanism: "PLAIN", Username: "orders", PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
				},
				Security: &v1alpha1.KafkaSecurity{
					Protocol:                   "SASL_SSL",
					BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: "ConfigMap", Name: "ca", Key: "ca.crt"},
				},
			},
			Networking: &v1alpha1.ConnectionNetworking{Type: "PRIVATE_LINK", PrivateLinkRef: &v1alpha1.LocalReference{Name: "way"}},
		},
	}
}

func newService(namespace string) *v1alpha1.PrivateEndpointService {
	service := &v1alpha1.PrivateEndpointService{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "clusters"}}
	service.Spec.ProjectID, service.Spec.CredentialsRef = project, &v1alpha1.LocalReference{Name: "atlas"}
	service.Spec.CloudProvider, service.Spec.RegionName = v1alpha1.ProviderAWS, "us-east-1"
	return service
}

// condition reads a condition of a resource as the API server has it.
func (s *stage) condition(r v1alpha1.Managed, kind string) func() *metav1.Condition {
	return func() *metav1.Condition {
		s.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
		return meta.FindStatusCondition(r.GetObservedStatus().Conditions, kind)
	}
}

// awaitReady waits until a resource is Ready, and not for an older generation of it.
func (s *stage) awaitReady(resources ...v1alpha1.Managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Eventually(func(g Gomega) {
			ready := s.condition(r, v1alpha1.ConditionReady)()
			g.Expect(ready).NotTo(BeNil())
			g.Expect(ready.Status).To(Equal(metav1.ConditionTrue), "%s: %s", ready.Reason, ready.Message)
			g.Expect(ready.ObservedGeneration).To(Equal(r.GetGeneration()))
		}).Should(Succeed(), r.GetName())
	}
}

// expectUntouched: nobody has worked on the resource.
func (s *stage) expectUntouched(r v1alpha1.Managed) {
	s.t.Helper()
	s.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
	s.Expect(r.GetFinalizers()).To(BeEmpty())
	s.Expect(r.GetObservedStatus().Conditions).To(BeEmpty())
}

// gone reports whether the API server no longer has an object.
func (s *stage) gone(object client.Object) func() bool {
	return func() bool {
		return apierrors.IsNotFound(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(object), object))
	}
}
