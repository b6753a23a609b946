package controller

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func rawJSON(text string) *runtime.RawExtension { return &runtime.RawExtension{Raw: []byte(text)} }

// membersOf are the members as the Atlas client reads them.
func membersOf(text string) map[string]any { return rawOf(rawJSON(text), nil) }

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
	g.Expect(usesOf(&c.Spec)[0].keys).To(Equal([]keyUse{{"secret", "rawSecretRefs[a]"}, {"secret", "rawSecretRefs[b.c]"}}))
}

func redpandaSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, Vendor: "REDPANDA", Region: "us-east-1", Raw: rawJSON(`{"cluster":"a","zones":[1,2]}`)}
}

func TestLinkOfAnUnknownVendorMatchesByAllOfRaw(t *testing.T) {
	for name, c := range map[string]struct {
		have           string
		edit           func(*atlas.PrivateLink)
		same, possible bool
	}{
		"the same":                    {have: `{"cluster":"a","zones":[1,2],"more":1}`, same: true, possible: true},
		"another member":              {have: `{"cluster":"b","zones":[1,2]}`},
		"a member that is not told":   {have: `{"zones":[1,2]}`, possible: true},
		"nothing that is told":        {have: `{}`, possible: true},
		"another region":              {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.Region = "us-east-2" }},
		"another vendor":              {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.Vendor = "WARPSTREAM" }},
		"an endpoint of its own":      {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.ServiceEndpointID = "x" }},
		"an ARN of its own":           {have: `{"cluster":"a","zones":[1,2]}`, edit: func(l *atlas.PrivateLink) { l.ARN = "x" }},
		"the region in other letters": {have: `{"cluster":"a","zones":[1.0,2]}`, edit: func(l *atlas.PrivateLink) { l.Region = "US_EAST_1" }, same: true, possible: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			spec := redpandaSpec()
			found := atlas.PrivateLink{Provider: "AWS", Vendor: "REDPANDA", Region: "us-east-1", Raw: membersOf(c.have)}
			if c.edit != nil {
				c.edit(&found)
			}
			g.Expect(sameLink(&spec, found)).To(Equal(c.same))
			g.Expect(maybeClaimed(&spec, found)).To(Equal(c.possible))
		})
	}
}

func TestRawOfALink(t *testing.T) {
	g := NewWithT(t)
	spec, other := redpandaSpec(), redpandaSpec()
	g.Expect(linkRequest(&spec).Raw).To(Equal(membersOf(`{"cluster":"a","zones":[1,2]}`)))
	other.Raw = rawJSON(`{"region":"a field","zones":[1,2.0],"cluster":"a"}`)
	g.Expect(linkIdentity(&other)).To(Equal(linkIdentity(&spec)), "order, spelling of numbers and members that are fields make no difference")
	other.Raw = rawJSON(`{"cluster":"a"}`)
	g.Expect(linkIdentity(&other)).NotTo(Equal(linkIdentity(&spec)))
	found := atlas.PrivateLink{Provider: "AWS", Vendor: "REDPANDA", Region: "us-east-1", Raw: membersOf(`{"cluster":"b","state":"DONE"}`)}
	g.Expect(linkDifferences(&spec, found, false)).To(Equal([]decision.Difference{{Path: "raw.cluster", Fixed: true}}), "what Atlas leaves out is unknown")
}
