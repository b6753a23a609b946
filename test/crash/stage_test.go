package crash_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	password  = "planted-kafka-password"
	rotated   = "planted-rotated-password"
)

// stage is where one case takes place: a namespace, and an Atlas of its own.
type stage struct {
	*WithT
	t         *testing.T
	namespace string
	atlas     *atlastest.Server
	replicas  []*replica
	// metrics is where a manager serves them; empty when it does not.
	metrics string

	link       *v1alpha1.StreamPrivateLink
	connection *v1alpha1.StreamConnection
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{WithT: NewWithT(t), t: t, namespace: fmt.Sprintf("crash-%d", world.cases.Add(1))}
	s.atlas = atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
		Working: 300 * time.Millisecond, Pending: 300 * time.Millisecond, Deleting: 400 * time.Millisecond,
	}))
	s.make(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}})
	s.secret("atlas", map[string]string{"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret})
	s.secret("kafka", map[string]string{"password": password})
	s.link, s.connection = s.newLink("way"), s.newConnection("orders")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.story())
		}
	})
	return s
}

// replica adds a place where a manager runs.
func (s *stage) replica(flags ...string) *replica {
	s.t.Helper()
	r := newReplica(s.t, s.namespace, s.atlas.URL, flags...)
	s.replicas = append(s.replicas, r)
	return r
}

func (s *stage) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.namespace, Name: name}
}

func (s *stage) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

// newLink is a link to a dedicated Confluent cluster, the kind whose dnsDomain may come later.
func (s *stage) newLink(name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: s.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", DNSSubDomain: []string{},
	}}
}

// newConnection is a public Kafka connection with a password.
func (s *stage) newConnection(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeKafka,
		Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: "broker.example.com:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "orders",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		},
	}}
}

func (s *stage) secret(name string, data map[string]string) {
	s.t.Helper()
	s.make(&corev1.Secret{ObjectMeta: s.meta(name), StringData: data})
}

func (s *stage) make(objects ...client.Object) {
	s.t.Helper()
	for _, object := range objects {
		s.Expect(world.kube.Create(s.t.Context(), object)).To(Succeed())
	}
}

// edit changes an object, again while others change it at the same time.
func edit[O client.Object](s *stage, object O, change func(O)) {
	s.t.Helper()
	s.Eventually(func() error {
		if err := world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		change(object)
		return world.kube.Update(s.t.Context(), object)
	}).Should(Succeed())
}

// managed is a resource of either kind.
type managed interface {
	client.Object
	v1alpha1.Managed
}

// awaitReady waits until the resource is Ready and Synced at its generation, by an object that we made.
func (s *stage) awaitReady(resources ...managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Eventually(func(g Gomega) {
			g.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
			status := r.GetManagedStatus()
			for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
				found := meta.FindStatusCondition(status.Conditions, kind)
				g.Expect(found).NotTo(BeNil(), kind)
				g.Expect(found.Status).To(Equal(metav1.ConditionTrue), "%s: %s %s", kind, found.Reason, found.Message)
				g.Expect(found.ObservedGeneration).To(Equal(r.GetGeneration()))
			}
			g.Expect(status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
			g.Expect(r.GetFinalizers()).To(ContainElement(v1alpha1.Finalizer))
		}).Should(Succeed(), "%s does not become Ready", r.GetName())
	}
}

// reload reads resources again.
func (s *stage) reload(resources ...managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
	}
}

func (s *stage) delete(resources ...managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Expect(client.IgnoreNotFound(world.kube.Delete(s.t.Context(), r))).To(Succeed())
	}
}

// awaitGone waits until the API server no longer has the resource. At that very moment Atlas must have nothing of it.
func (s *stage) awaitGone(resources ...managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Eventually(func() error {
			err := world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)
			if apierrors.IsNotFound(err) {
				return nil
			}
			return fmt.Errorf("still there (%w): %+v", err, r.GetManagedStatus().Conditions)
		}).Should(Succeed(), "%s does not go", r.GetName())
		if r == managed(s.link) {
			s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty(), "orphans")
		} else {
			s.Expect(s.atlas.Connections(project, workspace)).To(BeEmpty(), "orphans")
		}
	}
}

// expectEver counts all objects that were ever in Atlas. A resource never has two at a time.
func (s *stage) expectEver(links, connections int) {
	s.t.Helper()
	ever := s.atlas.AllPrivateLinks(project)
	s.Expect(ever).To(HaveLen(links), "private links ever made")
	for i, next := range ever[min(1, len(ever)):] {
		history := ever[i].History
		last := history[len(history)-1]
		s.Expect(last.State).To(Equal(atlastest.StateDeleted), "a second link beside the first")
		s.Expect(next.CreatedAt).NotTo(BeTemporally("<", last.At), "a second link beside the first")
	}
	made := slices.DeleteFunc(s.atlas.RequestsOf(atlastest.OpCreateConnection), func(r atlastest.Request) bool { return r.Status >= 400 })
	s.Expect(made).To(HaveLen(connections), "connections ever made")
	s.Expect(s.atlas.OverlappingWrites(project, workspace)).To(BeZero(), "overlapping writes to a workspace")
}

// story is what a failing case shows: what passed the gates, what Atlas answered, what the managers logged.
func (s *stage) story() string {
	var text strings.Builder
	for _, r := range s.replicas {
		fmt.Fprintf(&text, "--- calls of a replica\n%s\n", r.gate.text())
	}
	text.WriteString("--- requests to Atlas\n")
	for _, r := range s.atlas.Requests() {
		fmt.Fprintf(&text, "%s %s %s: %d %s\n", r.Time.Format("15:04:05.000"), r.Method, r.Path, r.Status, r.ErrorCode)
	}
	for _, l := range s.atlas.AllPrivateLinks(project) {
		fmt.Fprintf(&text, "link %s: %v\n", l.ID, l.History)
	}
	for _, c := range s.atlas.Connections(project, workspace) {
		fmt.Fprintf(&text, "connection %s: %v\n", c.ID, c.History)
	}
	for _, r := range s.replicas {
		text.WriteString(r.log())
	}
	return text.String()
}

// within is a context for one wait.
func (s *stage) within() context.Context {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	s.t.Cleanup(cancel)
	return ctx
}
