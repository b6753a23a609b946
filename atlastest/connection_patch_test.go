package atlastest_test

import (
	"maps"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestConnectionPatch(t *testing.T) {
	base := object{"name": "k", "type": "Kafka"}
	tests := map[string]struct {
		patch object
		check func(g *WithT, fields object, secrets map[string]string)
	}{
		"what is omitted stays": {object{"bootstrapServers": "c:9092"}, func(g *WithT, f object, secrets map[string]string) {
			g.Expect(f["bootstrapServers"]).To(Equal("c:9092"))
			g.Expect(f["config"]).To(HaveKey("auto.offset.reset"))
			g.Expect(f["security"]).To(HaveKeyWithValue("protocol", "SASL_SSL"))
			g.Expect(secrets).To(HaveKeyWithValue("authentication.password", "p4ss"))
		}},
		"a nested member alone": {object{"authentication": object{"password": "n3w"}}, func(g *WithT, f object, secrets map[string]string) {
			g.Expect(f["authentication"]).To(HaveKeyWithValue("username", "u"))
			g.Expect(secrets).To(HaveKeyWithValue("authentication.password", "n3w"))
		}},
		"null clears": {object{"security": nil, "authentication": object{"username": nil}}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f).NotTo(HaveKey("security"))
			g.Expect(f["authentication"]).To(And(HaveKey("mechanism"), Not(HaveKey("username"))))
		}},
		"an empty map clears": {object{"config": object{}}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f["config"]).To(BeEmpty())
		}},
		"a map is replaced": {object{"config": object{"a": "b"}}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f["config"]).To(Equal(object{"a": "b"}))
		}},
		"networking as it is": {object{"networking": object{"access": object{"type": "PUBLIC"}}}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f["networking"]).To(Equal(object{"access": object{"type": "PUBLIC"}}))
		}},
		"networking null is PUBLIC": {object{"networking": nil}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f["networking"]).To(Equal(object{"access": object{"type": "PUBLIC"}}))
		}},
		"the region by another name": {object{"region": "us-east-1"}, func(g *WithT, f object, _ map[string]string) {
			g.Expect(f["region"]).To(Equal("VIRGINIA_USA"))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			c.post(connections, kafka("k"))
			patch := maps.Clone(base)
			maps.Copy(patch, tt.patch)
			res := c.patch(connections+"/k", patch)
			g.Expect(res.status).To(Equal(200), res.text)
			g.Expect(res.body).NotTo(HaveKey("state"))
			read := c.get(connections + "/k").body
			g.Expect(read).To(Equal(with(res.body, object{"state": "READY"})))
			tt.check(g, read, s.Secrets(atlastest.DefaultProjectID, atlastest.DefaultWorkspace, "k"))
		})
	}
}

func TestConnectionPatchRefusals(t *testing.T) {
	s, c := newAPI(t)
	link := s.PutPrivateLink(atlastest.DefaultProjectID, mskLink, "DONE")
	other := s.PutPrivateLink(atlastest.DefaultProjectID, mskLink, "DONE")
	c.post(connections, kafka("k"))
	c.post(connections, overLink(kafka("linked"), link))
	const networking = "STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED"

	tests := map[string]struct {
		name   string
		body   object
		status int
		code   string
		fields []string
	}{
		"without name and type":  {"k", object{"bootstrapServers": "c"}, 400, "VALIDATION_ERROR", []string{"name", "type"}},
		"another name":           {"k", kafka("z"), 400, "VALIDATION_ERROR", []string{"name"}},
		"another type":           {"k", object{"name": "k", "type": "Https"}, 400, "VALIDATION_ERROR", []string{"type"}},
		"another region":         {"k", with(kafka("k"), object{"region": "eu-west-1"}), 400, "VALIDATION_ERROR", []string{"region"}},
		"a required member gone": {"k", with(kafka("k"), object{"bootstrapServers": ""}), 400, "VALIDATION_ERROR", []string{"bootstrapServers"}},
		"an unknown member":      {"k", with(kafka("k"), object{"x": 1}), 400, "VALIDATION_ERROR", []string{"x"}},
		"PUBLIC to a link":       {"k", overLink(kafka("k"), link), 400, networking, nil},
		"a link to another":      {"linked", overLink(kafka("linked"), other), 400, networking, nil},
		"a link to PUBLIC":       {"linked", with(kafka("linked"), object{"networking": object{"access": object{"type": "PUBLIC"}}}), 400, networking, nil},
		"no such connection":     {"x", kafka("x"), 404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.patch(connections+"/"+tt.name, tt.body)
			g.Expect(res.status).To(Equal(tt.status), res.text)
			g.Expect(res.code()).To(Equal(tt.code))
			g.Expect(res.fields()).To(Equal(tt.fields))
		})
	}
	g := NewWithT(t)
	g.Expect(c.patch(connections+"/linked", overLink(kafka("linked"), link)).status).To(Equal(200), "sending it unchanged is fine")
}
