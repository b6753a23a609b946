package atlas

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"

	. "github.com/onsi/gomega"
)

const (
	v2023 = "application/vnd.atlas.2023-02-01+json"
	v2025 = "application/vnd.atlas.2025-03-12+json"
	group = "/api/atlas/v2/groups/" + project
	// groupV1 is the group in API version 1.0.
	groupV1 = "/api/atlas/v1.0/groups/" + project
	page1   = "?itemsPerPage=500&pageNum=1"
)

// apiCall is a call with its complete request on the wire.
type apiCall struct {
	do                  func(context.Context, *Client) error
	method, uri, accept string
	body                string // "" for none
	reply               string
}

var linkRequest = PrivateLink{Provider: "AWS", Region: "us-east-1"}
var sampleRequest = Connection{Name: "c 1", Type: "Sample"}

var apiCalls = map[string]apiCall{
	"ListPrivateLinks": {
		do: func(ctx context.Context, c *Client) error {
			_, err := collect(c.ListPrivateLinks(ctx, project, nil))
			return err
		},
		method: "GET", uri: group + "/streams/privateLinkConnections" + page1, accept: v2023,
		reply: `{"results":[],"totalCount":0}`,
	},
	"GetPrivateLink": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.GetPrivateLink(ctx, project, "a/b")
			return err
		},
		method: "GET", uri: group + "/streams/privateLinkConnections/a%2Fb", accept: v2023,
		reply: `{"_id":"x"}`,
	},
	"CreatePrivateLink": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.CreatePrivateLink(ctx, project, linkRequest)
			return err
		},
		method: "POST", uri: group + "/streams/privateLinkConnections", accept: v2023,
		body: `{"provider":"AWS","region":"us-east-1"}`, reply: `{"_id":"x"}`,
	},
	"UpdatePrivateLink": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.UpdatePrivateLink(ctx, project, linkID, "d.example")
			return err
		},
		method: "PATCH", uri: group + "/streams/privateLinkConnections/" + linkID, accept: v2025,
		body: `{"dnsDomain":"d.example"}`, reply: `{"_id":"x"}`,
	},
	"DeletePrivateLink": {
		do:     func(ctx context.Context, c *Client) error { return c.DeletePrivateLink(ctx, project, linkID) },
		method: "DELETE", uri: group + "/streams/privateLinkConnections/" + linkID, accept: v2023,
	},
	"ListConnections": {
		do: func(ctx context.Context, c *Client) error {
			_, err := collect(c.ListConnections(ctx, project, "w", nil))
			return err
		},
		method: "GET", uri: group + "/streams/w/connections" + page1, accept: v2023,
		reply: `{"results":[]}`,
	},
	"GetConnection": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.GetConnection(ctx, project, "w", "a%2e?b")
			return err
		},
		method: "GET", uri: group + "/streams/w/connections/a%252e%3Fb", accept: v2023,
		reply: `{"name":"x"}`,
	},
	"CreateConnection": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.CreateConnection(ctx, project, "w", sampleRequest)
			return err
		},
		method: "POST", uri: group + "/streams/w/connections", accept: v2023,
		body: `{"name":"c 1","type":"Sample"}`, reply: `{"name":"x"}`,
	},
	"UpdateConnection": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.UpdateConnection(ctx, project, "w", "c 1", sampleRequest)
			return err
		},
		method: "PATCH", uri: group + "/streams/w/connections/c%201", accept: v2023,
		body: `{"name":"c 1","type":"Sample"}`, reply: `{"name":"x"}`,
	},
	"DeleteConnection": {
		do:     func(ctx context.Context, c *Client) error { return c.DeleteConnection(ctx, project, "w", "n") },
		method: "DELETE", uri: group + "/streams/w/connections/n", accept: v2023,
	},
	"GetWorkspace": {
		do:     func(ctx context.Context, c *Client) error { _, err := c.GetWorkspace(ctx, project, "w"); return err },
		method: "GET", uri: group + "/streams/w", accept: v2023,
		reply: `{"_id":"i","name":"w"}`,
	},
	"GetAccountDetails": {
		do: func(ctx context.Context, c *Client) error {
			_, err := c.GetAccountDetails(ctx, project, "AWS", "US_EAST_1")
			return err
		},
		method: "GET", uri: group + "/streams/accountDetails?cloudProvider=aws&regionName=US_EAST_1",
		accept: "application/vnd.atlas.2024-11-13+json", reply: `{"awsAccountId":"123456789012"}`,
	},
	"ListPrivateEndpointServices": {
		do: func(ctx context.Context, c *Client) error {
			_, err := collect(c.ListPrivateEndpointServices(ctx, project, "azure"))
			return err
		},
		method: "GET", uri: group + "/privateEndpoint/AZURE/endpointService",
		accept: "application/vnd.atlas.2023-01-01+json", reply: `[]`,
	},
	"ListPrivateEndpointsV1": {
		do: func(ctx context.Context, c *Client) error {
			_, err := collect(c.ListPrivateEndpointsV1(ctx, project))
			return err
		},
		method: "GET", uri: groupV1 + "/privateEndpoint" + page1, accept: "application/json", reply: `[]`,
	},
}

func TestCallsOnTheWire(t *testing.T) {
	for name, call := range apiCalls {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, call.reply))
			g.Expect(call.do(t.Context(), f.client(t))).To(Succeed())

			g.Expect(f.seen()).To(HaveLen(1))
			got := f.seen()[0]
			g.Expect(got.Method).To(Equal(call.method))
			g.Expect(got.URI).To(Equal(call.uri))
			g.Expect(got.Header.Get("Accept")).To(Equal(call.accept))
			g.Expect(got.Header.Get("Authorization")).To(Equal("Bearer token-1"))
			g.Expect(got.Header.Get("User-Agent")).To(Equal("atlas-streams-operator/1.2.3 (" + runtime.GOOS + "; " + runtime.GOARCH + ")"))
			if call.body == "" {
				g.Expect(got.Body).To(BeEmpty())
				g.Expect(got.Header).NotTo(HaveKey("Content-Type"))
				return
			}
			g.Expect(got.Body).To(MatchJSON(call.body))
			g.Expect(got.Header.Get("Content-Type")).To(Equal(call.accept))
		})
	}
}

func TestEveryCallReportsARefusal(t *testing.T) {
	for name, call := range apiCalls {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(404, refusal(404, "GROUP_NOT_FOUND", "no group")))
			err := call.do(t.Context(), f.client(t))
			g.Expect(IsProjectNotFound(err)).To(BeTrue())
			e, ok := AsError(err)
			g.Expect(ok).To(BeTrue())
			g.Expect(e.Operation).To(Equal(name))
			g.Expect(e.Method).To(Equal(call.method))
			g.Expect(f.seen()).To(HaveLen(1))
		})
	}
}

func TestAnySuccessStatus(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204} {
		g := NewWithT(t)
		body := `{"_id":"x"}`
		if status == 204 {
			body = ""
		}
		f := serve(t, always(status, body))
		g.Expect(f.client(t).DeletePrivateLink(t.Context(), project, linkID)).To(Succeed())
		if status != 204 {
			link, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(link.ID).To(Equal("x"))
		}
	}
}

func TestDeleteDoesNotReadTheAnswer(t *testing.T) {
	for name, api := range map[string]http.HandlerFunc{
		"other JSON": always(202, "[1]"),
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(202)
			_, _ = w.Write([]byte("{"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(serve(t, api).client(t).DeleteConnection(t.Context(), project, "w", "n")).To(Succeed())
		})
	}
}

// A page with status 200 comes from a proxy, and the DELETE may not have reached Atlas.
func TestProxyPageDoesNotConfirmADelete(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, " <html>"))
	err := f.client(t).DeleteConnection(t.Context(), project, "w", "n")
	g.Expect(Class(err)).To(Equal("not JSON"))
	g.Expect(IsOutcomeUnknown(err)).To(BeTrue())
	g.Expect(f.seen()).To(HaveLen(1))
}

func TestSegmentsThatLeadElsewhereAreNotSent(t *testing.T) {
	f := serve(t, always(200, `{"_id":"x","name":"x"}`))
	c := f.client(t)
	for _, bad := range []string{"", ".", ".."} {
		g := NewWithT(t)
		for _, err := range []error{
			func() error { _, err := c.GetPrivateLink(t.Context(), bad, linkID); return err }(),
			func() error { _, err := c.GetPrivateLink(t.Context(), project, bad); return err }(),
			c.DeletePrivateLink(t.Context(), project, bad),
			func() error { _, err := c.GetWorkspace(t.Context(), project, bad); return err }(),
			func() error { _, err := collect(c.ListConnections(t.Context(), project, bad, nil)); return err }(),
			c.DeleteConnection(t.Context(), project, "w", bad),
		} {
			g.Expect(err).To(MatchError(ContainSubstring("cannot be a")))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
		}
	}
	g := NewWithT(t)
	for _, name := range staticStreamsPaths {
		_, err := c.GetWorkspace(t.Context(), project, name)
		g.Expect(err).To(MatchError(ContainSubstring("another resource")))
	}
	g.Expect(f.seen()).To(BeEmpty())
}

func TestNewChecksTheBaseURL(t *testing.T) {
	for raw, fault := range map[string]string{
		"":                               "",
		"https://cloud.mongodb.com":      "",
		"https://h:8443/prefix/":         "",
		"http://[::1]:8080":              "",
		"cloud.mongodb.com":              "scheme",
		"ftp://h":                        "scheme",
		"https://":                       "host",
		"https://:443":                   "host",
		"https://u:" + planted + "@h":    "user and password",
		"https://h?x=1":                  "query",
		"https://h#f":                    "fragment",
		"https://h/%zz" + planted + ":x": "not a URL",
	} {
		g := NewWithT(t)
		_, err := New(account, Options{BaseURL: raw})
		if fault == "" {
			g.Expect(err).NotTo(HaveOccurred(), raw)
			continue
		}
		g.Expect(err).To(MatchError(ContainSubstring(fault)), raw)
		g.Expect(err.Error()).NotTo(ContainSubstring(planted))
	}
	_, err := New(account, Options{Timeout: -1})
	NewWithT(t).Expect(err).To(HaveOccurred())
}

func TestBaseURLPrefix(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"name":"w","access_token":"t"}`))
	c := f.client(t, func(o *Options) { o.BaseURL += "/gate%2Fway/" })
	_, err := c.GetWorkspace(t.Context(), project, "w")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.seen()).To(HaveLen(2))
	g.Expect(f.seen()[0].URI).To(Equal("/gate%2Fway/api/oauth/token"))
	g.Expect(f.seen()[1].URI).To(Equal("/gate%2Fway" + group + "/streams/w"))
}

func TestClosedClient(t *testing.T) {
	for name, call := range apiCalls {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, always(200, call.reply))
			c := f.client(t)
			g.Expect(c.Close(t.Context())).To(Succeed())
			err := call.do(t.Context(), c)
			g.Expect(errors.Is(err, ErrClosed)).To(BeTrue())
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			g.Expect(Class(err)).To(Equal("client closed"))
			g.Expect(f.seen()).To(BeEmpty())
		})
	}
}
