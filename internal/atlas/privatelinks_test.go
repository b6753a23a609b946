package atlas

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPrivateLinkRequestBody(t *testing.T) {
	for name, tc := range map[string]struct {
		request PrivateLink
		body    string
	}{
		"AWS CONFLUENT": {
			PrivateLink{
				Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1", ServiceEndpointID: "com.amazonaws.vpce.x",
				DNSDomain: "d.example", DNSSubDomain: []string{"a.d.example", "b.d.example"},
			},
			`{"provider":"AWS","vendor":"CONFLUENT","region":"us-east-1","serviceEndpointId":"com.amazonaws.vpce.x",
			  "dnsDomain":"d.example","dnsSubDomain":["a.d.example","b.d.example"]}`,
		},
		"AWS CONFLUENT without subdomains": {
			PrivateLink{Provider: "AWS", Vendor: "CONFLUENT", DNSSubDomain: []string{}},
			`{"provider":"AWS","vendor":"CONFLUENT","dnsSubDomain":[]}`,
		},
		"AWS MSK": {
			PrivateLink{Provider: "AWS", Vendor: "MSK", ARN: "arn:aws:kafka:us-east-1:1:cluster/c/1", AuthenticationScheme: "IAM"},
			`{"provider":"AWS","vendor":"MSK","arn":"arn:aws:kafka:us-east-1:1:cluster/c/1","authenticationScheme":"IAM"}`,
		},
		"AZURE CONFLUENT": {
			PrivateLink{Provider: "AZURE", Vendor: "CONFLUENT", Region: "eastus2", DNSDomain: "d", AzureResourceIDs: []string{"/a", "/b"}},
			`{"provider":"AZURE","vendor":"CONFLUENT","region":"eastus2","dnsDomain":"d","azureResourceIds":["/a","/b"]}`,
		},
		"GCP CONFLUENT": {
			PrivateLink{Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", GCPServiceAttachmentURIs: []string{"projects/p"}},
			`{"provider":"GCP","vendor":"CONFLUENT","region":"us-central1","gcpServiceAttachmentUris":["projects/p"]}`,
		},
		"other lists are not sent empty": {
			PrivateLink{Provider: "GCP", AzureResourceIDs: []string{}, GCPServiceAttachmentURIs: []string{}},
			`{"provider":"GCP"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, `{"_id":"x"}`))
			_, err := f.client(t).CreatePrivateLink(t.Context(), project, tc.request)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(f.seen()[0].Body).To(MatchJSON(tc.body))
		})
	}
}

func TestPrivateLinkAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want PrivateLink
	}{
		"everything": {
			`{"_id":"i","provider":"AWS","vendor":"MSK","region":"r","arn":"a","serviceEndpointId":"s","dnsDomain":"d","dnsSubDomain":["e"],
			  "azureResourceIds":["f"],"gcpServiceAttachmentUris":["g"],"gcpConnectionIds":["h"],"authenticationScheme":"TLS",
			  "interfaceEndpointId":"vpce-1","interfaceEndpointName":"n","providerAccountId":"p","state":"DONE","errorMessage":"m",
			  "links":[{"href":"http://localhost:8080/","rel":"self"}]}`,
			PrivateLink{
				ID: "i", Provider: "AWS", Vendor: "MSK", Region: "r", ARN: "a", ServiceEndpointID: "s", DNSDomain: "d", DNSSubDomain: []string{"e"},
				AzureResourceIDs: []string{"f"}, GCPServiceAttachmentURIs: []string{"g"}, GCPConnectionIDs: []string{"h"}, AuthenticationScheme: "TLS",
				InterfaceEndpointID: "vpce-1", InterfaceEndpointName: "n", ProviderAccountID: "p", State: "DONE", ErrorMessage: "m",
			},
		},
		"answer to a creation":   {`{"_id":"i","provider":"Azure","region":"r"}`, PrivateLink{ID: "i", Provider: "Azure", Region: "r"}},
		"null members":           {`{"_id":"i","state":null,"dnsSubDomain":null,"errorMessage":null,"links":null}`, PrivateLink{ID: "i"}},
		"members nobody knows":   {`{"_id":"i","mskAuthType":"","future":{"a":[1,{}]}}`, PrivateLink{ID: "i"}},
		"a state nobody knows":   {`{"_id":"i","state":"RESTING"}`, PrivateLink{ID: "i", State: "RESTING"}},
		"an empty list of names": {`{"_id":"i","dnsSubDomain":[]}`, PrivateLink{ID: "i", DNSSubDomain: []string{}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			link, err := serve(t, always(200, tc.body)).client(t).GetPrivateLink(t.Context(), project, linkID)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(link).To(Equal(tc.want))
		})
	}
}

// After a 2xx without an identifiable object, the outcome of a creation is unknown.
func TestUnusableSuccess(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"_id":"i"`))
	}
	for name, tc := range map[string]struct {
		api   http.HandlerFunc
		class string
	}{
		"without id":          {always(200, `{"provider":"AWS"}`), "unexpected JSON"},
		"id is null":          {always(200, `{"_id":null}`), "unexpected JSON"},
		"a list":              {always(200, `[]`), "unexpected JSON"},
		"member of odd type":  {always(200, `{"_id":"i","state":{}}`), "unexpected JSON"},
		"a page for people":   {always(200, `<html>log in</html>`), "not JSON"},
		"nothing":             {always(201, ``), "not JSON"},
		"cut in its middle":   {cut, "connection cut"},
		"larger than allowed": {huge(200), "answer too large"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, tc.api)
			_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).To(HaveOccurred())
			g.Expect(IsUnavailable(err)).To(BeTrue())
			g.Expect(IsOutcomeUnknown(err)).To(BeTrue())
			g.Expect(Class(err)).To(Equal(tc.class))
			e, _ := AsError(err)
			g.Expect(e.StatusCode).To(BeNumerically("~", 200, 1))
			g.Expect(f.seen()).To(HaveLen(1))
		})
	}
}

func huge(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		chunk := make([]byte, 1<<20)
		for i := range chunk {
			chunk[i] = ' '
		}
		for range 11 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}
