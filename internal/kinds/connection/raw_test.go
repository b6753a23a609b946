package connection

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/kinds/raw"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func rawJSON(text string) *runtime.RawExtension { return &runtime.RawExtension{Raw: []byte(text)} }

// membersOf are the members as the Atlas client reads them.
func membersOf(text string) map[string]any { return raw.Of(rawJSON(text), nil) }

func rawConnection(raw string, paths ...string) *v1alpha1.StreamConnection {
	c, _ := pairOf("IcebergCatalog")
	c.Spec.Raw = rawJSON(raw)
	for _, path := range paths {
		c.Spec.RawSecretRefs = append(c.Spec.RawSecretRefs, v1alpha1.RawSecretReference{Path: path, SecretKeyRef: *key("catalog", "secret")})
	}
	return c
}

func TestRawRequest(t *testing.T) {
	values := loaded(map[string]map[string]string{"Secret/catalog": {"secret": "planted"}})
	planted := atlas.NewSecret("planted")
	for name, c := range map[string]struct {
		connection *v1alpha1.StreamConnection
		want       map[string]any
	}{
		"as it is": {rawConnection(`{"url":"u","n":1.50,"on":true,"list":[{"a":null}]}`), map[string]any{
			"url": "u", "n": membersOf(`{"n":1.50}`)["n"], "on": true, "list": []any{map[string]any{"a": nil}},
		}},
		"what is a field is left out": {rawConnection(`{"name":"x","type":"x","region":"x","networking":{},"publicPrivateNetworking":{},"id":"x","state":"x","a":"b"}`),
			map[string]any{"a": "b"}},
		"a secret":                  {rawConnection(`{}`, "token"), map[string]any{"token": planted}},
		"a secret within an object": {rawConnection(`{"auth":{"id":"i"}}`, "auth.secret"), map[string]any{"auth": map[string]any{"id": "i", "secret": planted}}},
		"a secret on a path that is not there": {rawConnection(`{}`, "a.b.c"), map[string]any{
			"a": map[string]any{"b": map[string]any{"c": planted}},
		}},
		"a secret in place of a value": {rawConnection(`{"auth":"none"}`, "auth.secret"), map[string]any{"auth": map[string]any{"secret": planted}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			request := connectionRequest(c.connection, "", values)
			g.Expect(request.Raw).To(Equal(c.want))
			g.Expect(request.Type).To(Equal("IcebergCatalog"))
			g.Expect(fmt.Sprintf("%+v", request)).NotTo(ContainSubstring("planted"))
		})
	}
}

func TestRawIsComparedByTheMembersGiven(t *testing.T) {
	for name, c := range map[string]struct {
		raw, have string
		secrets   []string
		want      string
	}{
		"equal":                        {raw: `{"a":{"b":[1,"x",{"c":true}]}}`, have: `{"a":{"b":[1.0,"x",{"c":true,"more":1}],"more":1},"more":1}`},
		"a value":                      {raw: `{"a":"b"}`, have: `{"a":"c"}`, want: "raw.a"},
		"a value within":               {raw: `{"a":{"b":{"c":1}}}`, have: `{"a":{"b":{"c":2}}}`, want: "raw.a.b.c"},
		"a number":                     {raw: `{"a":1}`, have: `{"a":"1"}`, want: "raw.a"},
		"a number beyond all bounds":   {raw: `{"a":1}`, have: `{"a":1e999999999}`, want: "raw.a"},
		"an order":                     {raw: `{"a":[1,2]}`, have: `{"a":[2,1]}`, want: "raw.a"},
		"one more item":                {raw: `{"a":[1]}`, have: `{"a":[1,2]}`, want: "raw.a"},
		"what Atlas lacks":             {raw: `{"a":1,"b":{"c":1,"d":{}}}`, have: `{}`, want: "raw.a, raw.b.c, raw.b.d"},
		"an object and a value":        {raw: `{"a":{"b":1}}`, have: `{"a":1}`, want: "raw.a"},
		"null and absent":              {raw: `{"a":null}`, have: `{}`},
		"null and a value":             {raw: `{"a":null}`, have: `{"a":1}`, want: "raw.a"},
		"what has a field":             {raw: `{"name":"x","state":"x","networking":1}`, have: `{"name":"orders"}`},
		"a secret that is returned":    {raw: `{"auth":{"id":"i"}}`, have: `{"auth":{"id":"i","secret":"planted"}}`, secrets: []string{"auth.secret"}},
		"a placeholder for the secret": {raw: `{"auth":{"secret":"set below"}}`, have: `{"auth":{}}`, secrets: []string{"auth.secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			connection := rawConnection(c.raw, c.secrets...)
			found := atlas.Connection{ID: "1", Name: "orders", Type: "IcebergCatalog", Raw: membersOf(c.have)}
			d := connectionDifferences(connection, "", referred{}, found)
			g.Expect(decision.Paths(d)).To(Equal(c.want))
			g.Expect(fmt.Sprintf("%+v", d)).NotTo(ContainSubstring("planted"))
		})
	}
}

func TestSecretsOfRawAreUsed(t *testing.T) {
	g := NewWithT(t)
	c := rawConnection(`{}`, "a", "b.c")
	g.Expect(usedNames(&c.Spec, credentials.KindSecret)).To(Equal([]string{"catalog"}))
	g.Expect(usesOf(&c.Spec)).To(Equal([]use{{
		{"rawSecretRefs[a]", credentials.KindSecret, "catalog", "secret"}, {"rawSecretRefs[b.c]", credentials.KindSecret, "catalog", "secret"},
	}}))
}
