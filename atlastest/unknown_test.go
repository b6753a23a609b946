package atlastest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// Atlas may have types and vendors that the simulator does not know.
func TestUnknownConnectionType(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	catalog := object{
		"name": "catalog", "type": "IcebergCatalog", "url": "https://catalog.example.com", "limits": object{"rows": 5.0, "tables": []any{"a"}},
		"authentication": object{"clientId": "orders", "clientSecret": "planted-secret"},
	}
	shown := with(catalog, object{
		"authentication": object{"clientId": "orders"}, "networking": object{"access": object{"type": "PUBLIC"}}, "region": "VIRGINIA_USA", "state": "READY",
	})
	created := c.post(connections, catalog)
	g.Expect(created.status).To(Equal(200), created.text)
	g.Expect(created.body).To(Equal(with(shown, object{"id": created.body["id"]})))
	g.Expect(c.get(connections).results()).To(ConsistOf(created.body))
	secrets := func() map[string]string {
		return s.Secrets(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "catalog")
	}
	g.Expect(secrets()).To(Equal(map[string]string{"authentication.clientSecret": "planted-secret"}))

	changed := c.patch(connections+"/catalog", object{
		"name": "catalog", "type": "IcebergCatalog", "limits": object{"rows": 6.0}, "authentication": object{"clientId": "new"},
	})
	g.Expect(changed.status).To(Equal(200), changed.text)
	read := c.get(connections + "/catalog").body
	g.Expect(read).To(And(
		HaveKeyWithValue("limits", Equal(object{"rows": 6.0, "tables": []any{"a"}})),
		HaveKeyWithValue("authentication", Equal(object{"clientId": "new"}))))
	g.Expect(secrets()).To(HaveKeyWithValue("authentication.clientSecret", "planted-secret"))
	for _, r := range s.Requests() {
		g.Expect(r.Body).NotTo(ContainSubstring("planted-secret"))
	}
}

func TestUnknownConnectionTypeOverALink(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t)
	id := c.link(s3Link)
	created := c.post(connections, overLink(object{"name": "catalog", "type": "IcebergCatalog", "url": "u"}, id))
	g.Expect(created.status).To(Equal(200), created.text)
	g.Expect(c.delete(links + "/" + id).code()).To(Equal("STREAM_PRIVATE_LINK_IN_USE"))
}

func TestUnknownVendor(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t)
	created := c.post(links, object{"provider": "AWS", "vendor": "REDPANDA", "region": "us-east-1", "cluster": object{"id": "rp-1"}})
	g.Expect(created.status).To(Equal(200), created.text)
	g.Expect(c.get(links).results()).To(ConsistOf(And(
		HaveKeyWithValue("vendor", "REDPANDA"), HaveKeyWithValue("cluster", Equal(object{"id": "rp-1"})))))
}
