package atlastest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestObjectsRecordTheirRequests(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithDurations(atlastest.Durations{}))
	s.AddServiceAccount("other", "secret")
	other := oauthAPI(t, s, "other", "secret")

	created := c.post(links, pubSubLink)
	id := created.body["_id"].(string)
	c.post(connections, https("mine"))
	s.PutConnection(project, atlastest.DefaultWorkspace, https("foreign"))
	c.patch(connections+"/mine", https("mine"))
	other.patch(connections+"/mine", https("mine"))
	other.delete(links + "/" + id)
	c.delete(connections + "/foreign")
	c.delete(connections + "/nothing")

	link := s.AllPrivateLinks(project)[0]
	g.Expect(*link.CreatedBy).To(And(
		HaveField("CredentialID", atlastest.DefaultClientID), HaveField("RequestID", created.header.Get("X-Request-Id")),
	))
	g.Expect(link.CreatedBy.Time).To(BeTemporally("<=", s.Now()))
	g.Expect(s.Requests()).To(ContainElement(And(
		HaveField("ID", link.CreatedBy.RequestID), HaveField("Operation", atlastest.OpCreatePrivateLink),
	)))
	g.Expect(link.DeletedBy.CredentialID).To(Equal("other"))
	mine, _ := s.Connection(project, atlastest.DefaultWorkspace, "mine")
	g.Expect(mine.ChangedBy).To(HaveExactElements(
		HaveField("CredentialID", atlastest.DefaultClientID), HaveField("CredentialID", "other")))
	g.Expect(s.AllConnections(project, atlastest.DefaultWorkspace)).To(ContainElement(And(
		HaveField("Name", "foreign"), HaveField("State", atlastest.StateDeleted), HaveField("CreatedBy", BeNil()),
		HaveField("DeletedBy.CredentialID", atlastest.DefaultClientID),
	)))

	s.ResetRequests()
	g.Expect(s.Ledger()).To(Equal(atlastest.Ledger{
		PrivateLinks: atlastest.ObjectCounts{Created: 1, Deleted: 1, ForeignTouched: 1},
		Connections:  atlastest.ObjectCounts{Created: 1, Changed: 2, Deleted: 1, ForeignTouched: 2},
	}), "a deletion that finds nothing does not count, and the log may be emptied")
}
