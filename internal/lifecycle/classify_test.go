package lifecycle

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// atlasError is an error with Atlas's own body.
func atlasError(status int, code, detail string) *atlas.Error {
	return &atlas.Error{StatusCode: status, Code: code, Detail: detail, AtlasBody: code != "", Operation: "CreateConnection", Method: "POST", URL: "https://cloud.mongodb.com/api/x"}
}

func TestClassify(t *testing.T) {
	withFields := atlasError(400, "VALIDATION_ERROR", "bad request")
	withFields.Fields = []atlas.FieldError{{Field: "region", Description: "is unknown"}}
	for name, c := range map[string]struct {
		err     error
		effect  decision.Effect
		reason  string
		stalled bool
		says    []string
	}{
		"429":                    {atlasError(429, "RATE_LIMITED", ""), decision.Outage, v1alpha1.ReasonRateLimited, false, []string{"HTTP 429 RATE_LIMITED"}},
		"500":                    {atlasError(500, "UNEXPECTED_ERROR", ""), decision.Outage, v1alpha1.ReasonAtlasUnreachable, false, []string{"HTTP 500"}},
		"503 of a proxy":         {atlasError(503, "", ""), decision.Outage, v1alpha1.ReasonAtlasUnreachable, false, []string{"HTTP 503"}},
		"408":                    {atlasError(408, "", ""), decision.Outage, v1alpha1.ReasonAtlasUnreachable, false, nil},
		"link in use":            {atlasError(400, "STREAM_PRIVATE_LINK_IN_USE", "is in use."), decision.Busy, v1alpha1.ReasonInUse, false, []string{"is in use"}},
		"processors":             {atlasError(403, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS", "has active processors"), decision.Busy, v1alpha1.ReasonInUse, false, []string{"active processors"}},
		"deploying":              {atlasError(409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING", ""), decision.Busy, v1alpha1.ReasonDeploying, false, nil},
		"401":                    {atlasError(401, "UNEXPECTED_ERROR", ""), decision.CredentialsRefused, v1alpha1.ReasonUnauthorized, false, []string{"Secret shop/atlas"}},
		"401 for want of a role": {atlasError(401, "USER_UNAUTHORIZED", "is not authorized"), decision.CredentialsRefused, v1alpha1.ReasonForbidden, false, []string{"Project Stream Processing Owner", "Secret shop/atlas", "is not authorized"}},
		"403":                    {atlasError(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "no access"), decision.CredentialsRefused, v1alpha1.ReasonForbidden, false, []string{"access list", "Project Stream Processing Owner", "Secret shop/atlas"}},
		"project":                {atlasError(404, "GROUP_NOT_FOUND", ""), decision.Missing, v1alpha1.ReasonProjectNotFound, false, []string{"projectId"}},
		"workspace":              {atlasError(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", ""), decision.Missing, v1alpha1.ReasonWorkspaceNotFound, false, []string{"workspaceName"}},
		"400 that names fields":  {withFields, decision.Refused, v1alpha1.ReasonRejected, true, []string{"VALIDATION_ERROR", "bad request", "region: is unknown"}},
		"400 that names none":    {atlasError(400, "VALIDATION_ERROR", "An Atlas cluster must be configured."), decision.Refused, v1alpha1.ReasonRejected, false, []string{"HTTP 400 VALIDATION_ERROR: An Atlas cluster must be configured."}},
		"410":                    {atlasError(410, "VERSION_GONE", ""), decision.Refused, v1alpha1.ReasonRejected, false, []string{"VERSION_GONE"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for _, err := range []error{c.err, &inventory.PausedError{Err: fmt.Errorf("list: %w", c.err), RetryAt: noon}} {
				b := classify(err, "create the connection", "Secret shop/atlas", noon)
				g.Expect(b.Effect).To(Equal(c.effect))
				g.Expect(b.Reason).To(Equal(c.reason))
				g.Expect(b.Stalled).To(Equal(c.stalled))
				g.Expect(b.Message).NotTo(BeEmpty())
				for _, text := range c.says {
					g.Expect(b.Message).To(ContainSubstring(text))
				}
			}
		})
	}
}

func TestClassifyAProxysAnswer(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 407, 409} {
		for method, effect := range map[string]decision.Effect{"GET": decision.Missing, "POST": decision.Outage, "PATCH": decision.Outage, "DELETE": decision.Outage} {
			g := NewWithT(t)
			err := atlasError(status, "", "")
			err.Method = method
			b := classify(err, "do it", "Secret shop/atlas", noon)
			g.Expect(b.Effect).To(Equal(effect))
			g.Expect(b.Reason).To(Equal(v1alpha1.ReasonAtlasUnreachable))
			g.Expect(b.Message).To(Equal(fmt.Sprintf("https://cloud.mongodb.com/api/x answered HTTP %d without the error body of Atlas. Check --atlas-base-url and the proxy.", status)))
		}
	}
}

// Without a token nothing was sent, so that nothing has to be looked for first.
func TestClassifyAProxysAnswerInPlaceOfAToken(t *testing.T) {
	g := NewWithT(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(proxy.Close)
	client, err := atlas.New(atlas.Credentials{ID: "id", Secret: atlas.NewSecret("planted")}, atlas.Options{BaseURL: proxy.URL})
	g.Expect(err).NotTo(HaveOccurred())
	b := classify(client.DeletePrivateLink(t.Context(), testProject, testLink), "do it", "Secret shop/atlas", noon)
	g.Expect(b.Effect).To(Equal(decision.Missing))
	g.Expect(b.Reason).To(Equal(v1alpha1.ReasonAtlasUnreachable))
	g.Expect(b.Message).To(ContainSubstring("/api/oauth/token answered HTTP 403 without the error body of Atlas"))
}

func TestForbiddenNamesTheRoleThatIsMissing(t *testing.T) {
	const owner, readOnly, accessList = "Project Stream Processing Owner", "Project Read Only", "access list"
	for name, c := range map[string]struct {
		operation, method string
		says, not         []string
	}{
		"a write":                 {"CreatePrivateLink", "POST", []string{owner, accessList}, []string{readOnly}},
		"a deletion":              {"DeleteConnection", "DELETE", []string{owner, accessList}, []string{readOnly}},
		"a read":                  {"GetPrivateLink", "GET", []string{readOnly, accessList}, []string{owner}},
		"an endpoint service":     {"ListPrivateEndpointServices", "GET", []string{readOnly, accessList}, []string{owner}},
		"the list of connections": {"ListConnections", "GET", []string{owner, "Project Data Access", accessList}, []string{readOnly}},
		"a token":                 {"FetchToken", "POST", []string{accessList}, []string{owner, readOnly}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := atlasError(401, "USER_UNAUTHORIZED", "no")
			err.Operation, err.Method = c.operation, c.method
			b := classify(err, "do it", "Secret shop/atlas", noon)
			g.Expect(b.Reason).To(Equal(v1alpha1.ReasonForbidden))
			for _, text := range c.says {
				g.Expect(b.Message).To(ContainSubstring(text))
			}
			for _, text := range c.not {
				g.Expect(b.Message).NotTo(ContainSubstring(text))
			}
		})
	}
}

// The limiter appoints turns one after the other: who comes later than told leaves his unused.
func TestWhoWasHeldUpByTheRateLimitComesBackInTime(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	limited := atlasError(429, "RATE_LIMITED", "")
	limited.RetryAfter = 3 * time.Second
	pauses := tries(w, "list", limited, 10*time.Minute)
	g.Expect(len(pauses)).To(BeNumerically(">", 10))
	for _, pause := range pauses {
		g.Expect(pause).To(BeNumerically("~", 3*time.Second, 100*time.Millisecond))
	}
}

func TestOutageTextIsStable(t *testing.T) {
	one := classify(&atlas.Error{StatusCode: 503, Detail: "upstream 10.0.0.1:4711 at 12:00:01"}, "x", "y", noon)
	two := classify(&atlas.Error{StatusCode: 503, Detail: "upstream 10.0.0.2:4712 at 12:00:09"}, "x", "y", noon)
	NewWithT(t).Expect(one.Message).To(Equal(two.Message))
}

func TestRetryAfterOfAFailure(t *testing.T) {
	g := NewWithT(t)
	limited := atlasError(429, "RATE_LIMITED", "")
	limited.RetryAfter = 7 * time.Second
	g.Expect(classify(limited, "x", "y", noon).RetryAfter).To(Equal(7 * time.Second))
	paused := &inventory.PausedError{Err: limited, RetryAt: noon.Add(20 * time.Second)}
	g.Expect(classify(paused, "x", "y", noon).RetryAfter).To(Equal(20*time.Second), "the list is not asked for before")
	paused.RetryAt = noon.Add(-time.Second)
	g.Expect(classify(paused, "x", "y", noon).RetryAfter).To(Equal(7 * time.Second))
	g.Expect(classify(atlasError(500, "X", ""), "x", "y", noon).RetryAfter).To(BeZero())
}

func TestARequestWithoutAnAnswerHasNoStatusInItsMessage(t *testing.T) {
	NewWithT(t).Expect(said(noAnswer(t))).To(Equal("connection refused"))
}
