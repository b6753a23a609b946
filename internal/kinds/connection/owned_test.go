package connection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

func TestWhichConnectionIsOwned(t *testing.T) {
	for name, c := range map[string]struct {
		known, found string
		want         bool
	}{
		"the same id":                            {"id-1", "id-1", true},
		"another id: somebody else's, or a twin": {"id-1", "id-2", false},
		"Atlas gave an id only later":            {"orders", "id-1", true},
		"Atlas does not show the id this time":   {"id-1", "orders", true},
		"Atlas never gives ids":                  {"orders", "orders", true},
	} {
		t.Run(name, func(t *testing.T) {
			connection := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Name: "orders"}}
			connection.Status.ID = c.known
			NewWithT(t).Expect(ownsConnection(connection, c.found)).To(Equal(c.want))
		})
	}
}

func TestAConnectionThatSomebodyMadeAnewIsNoLongerOverItsLink(t *testing.T) {
	g := NewWithT(t)
	c, found := pairOf(v1alpha1.TypeKafka)
	e := &remote{Session: &lifecycle.Session{Object: c}}
	publish := func(access atlas.NetworkingAccess) string {
		found.Networking = &atlas.Networking{Access: access}
		v := e.remoteObject(found)
		e.Publish(&v)
		return c.Status.PrivateLinkID
	}
	g.Expect(publish(atlas.NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: testLink})).To(Equal(testLink))
	g.Expect(publish(atlas.NetworkingAccess{Type: "PRIVATE_LINK"})).To(Equal(testLink), "not told")
	g.Expect(publish(atlas.NetworkingAccess{Type: "PUBLIC"})).To(BeEmpty(), "its link can be deleted")
}
