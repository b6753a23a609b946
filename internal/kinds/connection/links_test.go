package connection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestJudgeLink(t *testing.T) {
	ready := func(l *v1alpha1.StreamPrivateLink) {
		l.Status.ID = testLink
		lifecycle.ConditionsOf(l).Set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonDone, "")
	}
	stalled := func(l *v1alpha1.StreamPrivateLink) {
		c := lifecycle.ConditionsOf(l)
		c.Set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonFailed, "")
		c.Stalled(v1alpha1.ReasonFailed, "")
	}
	type edits = []func(*v1alpha1.StreamPrivateLink)
	for name, c := range map[string]struct {
		edits   edits
		reason  string
		stalled bool
		linkID  string
	}{
		"new":                           {nil, v1alpha1.ReasonLinkNotReady, false, ""},
		"pending":                       {edits{func(l *v1alpha1.StreamPrivateLink) { l.Status.ID = testLink }}, v1alpha1.ReasonLinkNotReady, false, testLink},
		"ready":                         {edits{ready}, "", false, testLink},
		"ready for an older generation": {edits{ready, func(l *v1alpha1.StreamPrivateLink) { l.Generation++ }}, v1alpha1.ReasonLinkNotReady, false, testLink},
		"ready without id":              {edits{ready, func(l *v1alpha1.StreamPrivateLink) { l.Status.ID = "" }}, v1alpha1.ReasonLinkNotReady, false, ""},
		"ready, being deleted":          {edits{ready, func(l *v1alpha1.StreamPrivateLink) { l.DeletionTimestamp = &metav1.Time{Time: noon} }}, v1alpha1.ReasonLinkDeleting, false, testLink},
		"stalled":                       {edits{stalled}, v1alpha1.ReasonDependencyStalled, true, ""},
		"of another project":            {edits{ready, func(l *v1alpha1.StreamPrivateLink) { l.Spec.ProjectID = "other" }}, v1alpha1.ReasonProjectMismatch, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Name: "link", Generation: 3}}
			link.Spec.ProjectID = testProject
			for _, edit := range c.edits {
				edit(link)
			}
			d := judgeLink(link, testProject)
			g.Expect(d.linkID).To(Equal(c.linkID))
			g.Expect(d.condition).NotTo(BeNil())
			g.Expect(d.condition.Message).To(ContainSubstring("link"))
			if c.reason == "" {
				g.Expect(d.gate).To(BeNil())
				g.Expect(d.condition.Reason).To(Equal(v1alpha1.ReasonLinkReady))
				g.Expect(d.condition.Status).To(Equal(decision.StatusTrue))
				return
			}
			g.Expect(d.gate.Reason).To(Equal(c.reason))
			g.Expect(d.gate.Stalled).To(Equal(c.stalled))
			g.Expect(d.gate.Watched).To(BeTrue(), "the watch of links wakes it")
			g.Expect(d.condition.Status).To(Equal(decision.StatusFalse))
			g.Expect(d.condition.Reason).To(Equal(c.reason))
		})
	}
}

func TestStalledDependencyNamesItsReason(t *testing.T) {
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Name: "link"}}
	link.Spec.ProjectID = testProject
	c := lifecycle.ConditionsOf(link)
	c.Set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConflict, "")
	c.Stalled(v1alpha1.ReasonConflict, "")
	NewWithT(t).Expect(judgeLink(link, testProject).gate.Message).To(ContainSubstring("Conflict"))
}

func TestALinkThatIsNotWatchedIsPolled(t *testing.T) {
	g := NewWithT(t)
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "way"}}
	link.Spec.ProjectID = testProject
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	everything := fake.NewClientBuilder().WithScheme(scheme).WithObjects(link).Build()
	nothing := fake.NewClientBuilder().WithScheme(scheme).Build()
	connection := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}}
	connection.Spec.ProjectID = testProject
	connection.Spec.Networking = &v1alpha1.ConnectionNetworking{PrivateLinkRef: &v1alpha1.LocalReference{Name: "way"}}
	for _, c := range []struct {
		cached  client.Client
		watched bool
	}{{everything, true}, {nothing, false}} {
		e := &remote{Session: &lifecycle.Session{Object: connection, Reader: c.cached, Live: everything}}
		d, err := e.depend(t.Context(), false)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(d.gate.Reason).To(Equal(v1alpha1.ReasonLinkNotReady))
		g.Expect(d.gate.Watched).To(Equal(c.watched))
		g.Expect(d.unwatched).To(Equal(!c.watched))
	}
}
