package crash_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
	password  = "planted-kafka-password"
	rotated   = "planted-rotated-password"
)

// stage is where one case takes place: a namespace, and an Atlas of its own.
type stage struct {
	*kubetest.Client
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
	s := &stage{Client: kubetest.New(t, world.Kube), t: t, namespace: fmt.Sprintf("crash-%d", world.Number())}
	s.atlas = atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
		Working: 300 * time.Millisecond, Pending: 300 * time.Millisecond, Deleting: 400 * time.Millisecond,
	}))
	s.Create(manifest.Namespace(s.namespace), manifest.Credentials(s.namespace), manifest.Password(s.namespace, password))
	s.link, s.connection = manifest.Link(s.namespace, "way"), manifest.Kafka(s.namespace, "orders")
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

// awaitSynced waits until the resource is Ready and Synced at its generation, by an object that we made.
func (s *stage) awaitSynced(resources ...v1alpha1.Managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Eventually(func(g Gomega) {
			g.Expect(world.Kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
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

func (s *stage) deleteIfThere(resources ...v1alpha1.Managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Expect(client.IgnoreNotFound(world.Kube.Delete(s.t.Context(), r))).To(Succeed())
	}
}

// awaitNoTrace waits until the API server no longer has the resource. At that very moment Atlas must have nothing of it.
func (s *stage) awaitNoTrace(resources ...v1alpha1.Managed) {
	s.t.Helper()
	for _, r := range resources {
		s.Eventually(func() error {
			err := world.Kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)
			if apierrors.IsNotFound(err) {
				return nil
			}
			return fmt.Errorf("still there (%w): %+v", err, r.GetManagedStatus().Conditions)
		}).Should(Succeed(), "%s does not go", r.GetName())
		if r == v1alpha1.Managed(s.link) {
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
