package privatelink

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/kinds/connection"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// noon is when the tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestUsersOfALink(t *testing.T) {
	over := func(namespace, name string, networking v1alpha1.ConnectionNetworking, id string) *v1alpha1.StreamConnection {
		c := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
		c.Spec.ProjectID, c.Spec.Networking, c.Status.ID = testProject, &networking, id
		if id != "" {
			c.Status.Ownership = v1alpha1.OwnershipCreated
		}
		return c
	}
	observing := func(c *v1alpha1.StreamConnection, linkID string) *v1alpha1.StreamConnection {
		c.Status.Ownership, c.Status.PrivateLinkID = "", linkID
		return c
	}
	running := func(c *v1alpha1.StreamConnection, linkID string) *v1alpha1.StreamConnection {
		c.Status.PrivateLinkID = linkID
		return c
	}
	const anotherLink = "bbbbbbbbbbbbbbbbbbbbbbbb"
	finished := over("shop", "finished", v1alpha1.ConnectionNetworking{PrivateLinkRef: &v1alpha1.LocalReference{Name: "link"}}, "1")
	finished.DeletionTimestamp, finished.Finalizers = &metav1.Time{Time: noon}, []string{"foregroundDeletion"}
	byName := v1alpha1.ConnectionNetworking{PrivateLinkRef: &v1alpha1.LocalReference{Name: "link"}}
	byID := v1alpha1.ConnectionNetworking{ConnectionID: testLink}
	asked := over("shop", "asked", byName, "")
	asked.Status.CreateRequestedAt = new(metav1.NewMicroTime(noon))
	foreign := over("far", "of-another-project", byID, "1")
	foreign.Spec.ProjectID = "other"
	connections := []client.Object{
		over("shop", "made", byName, "1"), asked, over("shop", "not-made", byName, ""),
		over("far", "made", byID, "1"), over("far", "not-made", byID, ""), foreign, finished,
		observing(over("far", "observes", byID, "1"), ""), observing(over("far", "observes-a-user", byID, "1"), testLink),
		observing(over("far", "observes-another", byID, "1"), anotherLink),
		running(over("shop", "edited-away", v1alpha1.ConnectionNetworking{PrivateLinkRef: &v1alpha1.LocalReference{Name: "other"}}, "1"), testLink),
		running(over("shop", "edited-hither", byName, "1"), anotherLink),
		over("far", "of-another-link", byName, "1"),
		over("shop", "over-another", v1alpha1.ConnectionNetworking{PrivateLinkRef: &v1alpha1.LocalReference{Name: "other"}}, "1"),
		over("shop", "both", v1alpha1.ConnectionNetworking{PrivateLinkRef: byName.PrivateLinkRef, ConnectionID: testLink}, "1"),
		&v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "public"}},
	}
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(connections...)
	for _, index := range connection.Kind().Indexes {
		builder = builder.WithIndex(&v1alpha1.StreamConnection{}, index.Name, func(o client.Object) []string { return index.Values(o.(lifecycle.Managed)) })
	}
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "link"}}
	link.Spec.ProjectID, link.Status.ID, link.Status.Ownership = testProject, testLink, v1alpha1.OwnershipCreated
	reader := builder.Build()
	g.Expect(usersOf(t.Context(), reader, link)).To(Equal([]string{"far/made", "far/observes-a-user", "shop/asked", "shop/both", "shop/edited-away", "shop/made"}))
	link.Status.ID = ""
	g.Expect(usersOf(t.Context(), reader, link)).To(Equal([]string{"shop/asked", "shop/both", "shop/made"}), "by name alone")
}
