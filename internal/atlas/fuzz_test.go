package atlas

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
)

// longestError is the maximum length of any error text of this package, in bytes.
const longestError = maxDetail + maxCode + 500

// answering returns a client that gets the same response to every API call.
func answering(t *testing.T, status int, contentType, body string) *Client {
	t.Helper()
	c, err := New(account, Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/api/oauth/token" {
			return reply(req, 200, atlasJSON, `{"access_token":"planted-token","expires_in":3600}`), nil
		}
		return reply(req, status, contentType, body), nil
	})})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

func reply(req *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}
}

// checkError checks the invariants of all errors.
func checkError(g *WithT, err error) *Error {
	e, ok := AsError(err)
	g.Expect(ok).To(BeTrue(), "%T", err)
	text := err.Error()
	g.Expect(len(text)).To(BeNumerically("<=", longestError))
	g.Expect(utf8.ValidString(text)).To(BeTrue())
	g.Expect(len(Class(err))).To(BeNumerically("<", 200))
	for _, secret := range []string{"planted-token", account.Secret.Reveal()} {
		g.Expect(text + Class(err) + e.Detail).NotTo(ContainSubstring(secret))
	}
	return e
}

// checkUnusable checks the error for an unusable 2xx.
func checkUnusable(g *WithT, err error) {
	e := checkError(g, err)
	g.Expect(e.StatusCode).To(Equal(200))
	g.Expect(Class(err)).To(BeElementOf("not JSON", "unexpected JSON", "answer too large", "endless list"))
	g.Expect(judge(err)).To(ConsistOf("Unavailable", "OutcomeUnknown"))
}

// checkList checks the invariants of all list responses: an error, or complete with distinct keys.
func checkList[T any](g *WithT, items map[string]*T, err error, key func(T) string) {
	if err != nil {
		checkUnusable(g, err)
		return
	}
	for id, item := range items {
		g.Expect(id).NotTo(BeEmpty())
		g.Expect(key(*item)).To(Equal(id))
	}
}

func inList(body string) string { return `{"links":[],"results":[` + body + `],"totalCount":1}` }

func addBodies(f *testing.F, wrap func(string) string) {
	for _, body := range []string{``, `null`, `{}`, `[]`, `{"results":null}`, `<html>`, "\xff", `{"_id":"a"}`, `{"name":"a"}`, `{"id":"a"},{"id":"a"}`} {
		f.Add(body)
		f.Add(wrap(body))
	}
}

func FuzzPrivateLinks(f *testing.F) {
	addBodies(f, inList)
	for _, answer := range linkAnswers {
		f.Add(answer.body)
		f.Add(inList(answer.body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		g := NewWithT(t)
		c := answering(t, 200, atlasJSON, body)
		links, err := c.ListPrivateLinks(t.Context(), project, nil)
		checkList(g, links, err, func(l PrivateLink) string { return l.ID })
		link, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
		if err != nil {
			checkUnusable(g, err)
			g.Expect(link).To(BeZero())
			return
		}
		g.Expect(link.ID).NotTo(BeEmpty())
	})
}

func FuzzConnections(f *testing.F) {
	addBodies(f, inList)
	for _, answer := range connectionAnswers {
		f.Add(answer.body)
		f.Add(inList(answer.body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		g := NewWithT(t)
		c := answering(t, 200, atlasJSON, body)
		connections, err := c.ListConnections(t.Context(), project, "w", nil)
		checkList(g, connections, err, func(c Connection) string { return c.Name })
		connection, err := c.CreateConnection(t.Context(), project, "w", sampleRequest)
		if err != nil {
			checkUnusable(g, err)
			g.Expect(connection).To(BeZero())
			return
		}
		g.Expect(connection.Name).NotTo(BeEmpty())
		if a := connection.KafkaAuthentication; a != nil {
			g.Expect([]Secret{a.Password, a.ClientSecret, a.SSLKey, a.SSLKeyPassword}).To(HaveEach(Secret{}))
		}
		if a := connection.SchemaRegistryAuthentication; a != nil {
			g.Expect(a.Password).To(BeZero())
		}
	})
}

func FuzzPrivateEndpointServices(f *testing.F) {
	addBodies(f, func(body string) string { return "[" + body + "]" })
	addBodies(f, inList)
	f.Add("[" + awsService + "," + azureService + "," + gcpService + "]")
	f.Fuzz(func(t *testing.T, body string) {
		g := NewWithT(t)
		c := answering(t, 200, atlasJSON, body)
		key := func(s PrivateEndpointService) string { return s.ID }
		services, err := c.ListPrivateEndpointServices(t.Context(), project, "AWS")
		checkList(g, services, err, key)
		services, err = c.ListPrivateEndpointsV1(t.Context(), project)
		checkList(g, services, err, key)
	})
}

func FuzzErrorAnswers(f *testing.F) {
	for _, body := range []string{
		refusal(400, "VALIDATION_ERROR", "d", "a", 1, nil), fieldErrors, refusal(404, "GROUP_NOT_FOUND", strings.Repeat("€", 500)),
		refusal(400, strings.Repeat("€", 500), ""), `{"error":"invalid_client","error_description":"planted-client-secret"}`,
		`{"errorCode":"X","detail":"planted-token"}`, `{"errorCode":["X"]}`, "{\"errorCode\":{\"\xff\":1},\"detail\":[\"\xff\"]}", `[]`, `null`, `<html>`, ``, "\xff",
	} {
		for _, status := range []int{400, 403, 404, 409, 410, 429, 500} {
			f.Add(status, "application/json", body)
		}
	}
	f.Add(302, strings.Repeat("\x00", 500), "")
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 300 || status > 599 || status == http.StatusUnauthorized {
			t.Skip()
		}
		g := NewWithT(t)
		_, err := answering(t, status, contentType, body).CreatePrivateLink(t.Context(), project, linkRequest)
		e := checkError(g, err)
		g.Expect(e.StatusCode).To(Equal(status))
		g.Expect(e.AtlasBody || e.Code == "").To(BeTrue())
		g.Expect(e.RetryAfter).To(BeNumerically(">=", 0))
		if !e.AtlasBody {
			g.Expect(e.Detail + e.Reason).To(BeEmpty())
			g.Expect(e.Fields).To(BeEmpty())
		}
		if status == http.StatusNotFound { // either from Atlas or not
			g.Expect(IsNotFound(err)).NotTo(Equal(IsForeign(err)))
		}
		g.Expect(e.AtlasBody || IsOutcomeUnknown(err)).To(BeTrue())
	})
}

func FuzzTokenAnswers(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"t","token_type":"Bearer","expires_in":3600}`, `{"access_token":"t"}`, `{"access_token":"t","expires_in":"60"}`,
		`{"access_token":"t","expires_in":-1}`, `{"access_token":"t","expires_in":1e400}`, `{"access_token":"t","expires_in":"NaN"}`,
		`{"access_token":null}`, `{"access_token":""}`, `{"access_token":{}}`, `{}`, `[]`, `null`, `<html>`, ``,
	} {
		f.Add(200, body)
	}
	f.Add(401, `{"error":"invalid_client","error_description":"Client authentication failed"}`)
	f.Add(403, `{"error":"access_denied","error_description":"Access Token limit reached"}`)
	f.Add(429, refusal(429, "RATE_LIMITED", "d", "/api/oauth/token", 10, 1))
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		g := NewWithT(t)
		source := &tokenSource{client: &Client{credentials: account}, chain: roundTripper(func(req *http.Request) (*http.Response, error) {
			return reply(req, status, "application/json", body), nil
		})}
		source.client.base, _ = ParseBaseURL("")
		asked := time.Now()
		got, err := source.fetch(t.Context())
		if err != nil {
			e := checkError(g, err)
			g.Expect(e.StatusCode).To(Equal(status))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			g.Expect(got).To(BeZero())
			return
		}
		g.Expect(status).To(And(BeNumerically(">=", 200), BeNumerically("<=", 299)))
		g.Expect(got.value.IsZero()).To(BeFalse())
		g.Expect(got.refreshAt).To(BeTemporally(">=", asked))
		g.Expect(got.expiresAt).To(And(BeTemporally(">=", got.refreshAt), BeTemporally("<=", time.Now().Add(24*time.Hour))))
	})
}
