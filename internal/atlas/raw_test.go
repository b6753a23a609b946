package atlas

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
)

func TestRawMembersOfAConnectionAreSentAsTheyAre(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"name":"n"}`))
	request := Connection{
		Name: "n", Type: "IcebergCatalog", Region: "r",
		Networking: &Networking{Access: NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: linkID}},
		Raw: map[string]any{
			"url": "https://c", "name": "not this one", "networking": "nor this", "retries": json.Number("3.0"), "on": true, "none": nil,
			"authentication": map[string]any{"clientId": "c", "clientSecret": NewSecret("planted")}, "list": []any{"a", map[string]any{"b": NewSecret("planted")}},
		},
	}
	_, err := f.client(t).CreateConnection(t.Context(), project, "w", request)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.seen()[0].Body).To(MatchJSON(`{"name":"n","type":"IcebergCatalog","region":"r","url":"https://c","retries":3.0,"on":true,"none":null,
		"authentication":{"clientId":"c","clientSecret":"planted"},"list":["a",{"b":"planted"}],
		"networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}}}`))
	body, secrets, err := object{"a": map[string]any{"b": []any{NewSecret("planted")}}}.encode()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(body)).To(Equal(`{"a":{"b":["planted"]}}`))
	g.Expect(secrets).To(ConsistOf(NewSecret("planted")), "they are kept out of messages")
}

func TestRawMembersThatAreNotText(t *testing.T) {
	_, _, err := object{"a": map[string]any{"b": NewSecret("planted\xff")}}.encode()
	NewWithT(t).Expect(err).To(MatchError(And(ContainSubstring(`"a.b" is not UTF-8`), Not(ContainSubstring("planted")))))
}

// An unknown type may use member names of other types with a different meaning.
func TestConnectionsOfUnknownTypesAreRead(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"totalCount":3,"results":[
		{"id":"1","name":"a","type":"Kafka","state":"READY","bootstrapServers":"b:1"},
		{"id":"2","name":"b","type":"IcebergCatalog","state":"READY","region":"r","authentication":"none","config":[1,2.50],"aws":7,
		 "networking":{"access":{"type":"PRIVATE_LINK","connectionId":"`+linkID+`"}}},
		{"id":3,"name":"c","type":"Other","networking":"none","publicPrivateNetworking":[]}]}`))
	got, err := collect(f.client(t).ListConnections(t.Context(), project, "w", nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(HaveLen(3))
	g.Expect(got[0].Raw).To(BeNil(), "the members of a known type have fields")
	g.Expect(got[1]).To(And(HaveField("ID", "2"), HaveField("Name", "b"), HaveField("State", "READY"), HaveField("Region", "r"),
		HaveField("Networking.Access", NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: linkID})))
	g.Expect(got[1].Raw).To(And(HaveKeyWithValue("authentication", "none"), HaveKeyWithValue("config", []any{json.Number("1"), json.Number("2.50")})))
	g.Expect(got[2]).To(And(HaveField("ID", "3"), HaveField("Networking", BeNil())))
}

func TestPrivateLinksOfUnknownVendors(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"_id":"`+linkID+`","provider":"AWS","vendor":"REDPANDA","region":"us-east-1","clusterId":"rp","state":"DONE"}`))
	made, err := f.client(t).CreatePrivateLink(t.Context(), project, PrivateLink{
		Provider: "AWS", Vendor: "REDPANDA", Region: "us-east-1", Raw: map[string]any{"clusterId": "rp", "region": "not this one"},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.seen()[0].Body).To(MatchJSON(`{"provider":"AWS","vendor":"REDPANDA","region":"us-east-1","clusterId":"rp"}`))
	g.Expect(made.State).To(Equal("DONE"))
	g.Expect(made.Raw).To(HaveKeyWithValue("clusterId", "rp"))

	f = serve(t, always(200, `{"_id":"`+linkID+`","provider":"AWS","vendor":"S3","clusterId":"rp"}`))
	known, err := f.client(t).GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(known.Raw).To(BeNil())
}
