package atlastest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// token requests a token and returns the response.
func token(t *testing.T, s *atlastest.Server, id, secret string) answer {
	t.Helper()
	return oauthCall(t, s, "/api/oauth/token", id, secret, url.Values{"grant_type": {"client_credentials"}})
}

func oauthCall(t *testing.T, s *atlastest.Server, path, id, secret string, form url.Values) answer {
	t.Helper()
	c := &api{t: t, base: s.URL, client: &http.Client{Transport: basic{id, secret, s.Client().Transport}}}
	c.header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	return c.post(path, form.Encode())
}

type basic struct {
	id, secret string
	next       http.RoundTripper
}

func (b basic) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(b.id, b.secret)
	return b.next.RoundTrip(r)
}

func bearer(t *testing.T, s *atlastest.Server, value string) *api {
	t.Helper()
	return &api{t: t, base: s.URL, client: s.Client(), header: http.Header{"Authorization": {"Bearer " + value}}}
}

func defaultToken(t *testing.T, s *atlastest.Server) string {
	t.Helper()
	res := token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	NewWithT(t).Expect(res.status).To(Equal(200), res.text)
	return res.body["access_token"].(string)
}

func TestTokenLifecycle(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t, atlastest.WithManualClock(start), atlastest.WithTokenLifetime(10*time.Minute))
	res := token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	g.Expect(res.status).To(Equal(200))
	g.Expect(res.body).To(And(HaveKeyWithValue("token_type", "Bearer"), HaveKeyWithValue("expires_in", BeEquivalentTo(600))))
	c := bearer(t, s, res.body["access_token"].(string))
	g.Expect(c.get(links).status).To(Equal(200))
	s.Advance(10 * time.Minute)
	expired := c.get(links)
	g.Expect(expired.status).To(Equal(401))
	g.Expect(expired.body).To(And(HaveKeyWithValue("error", BeEquivalentTo(401)), HaveKey("detail"), HaveKey("reason")))
	g.Expect(s.LiveTokens(atlastest.DefaultClientID)).To(Equal(0))

	value := defaultToken(t, s)
	g.Expect(bearer(t, s, value).get(links).status).To(Equal(200))
	revoked := oauthCall(t, s, "/api/oauth/revoke", atlastest.DefaultClientID, atlastest.DefaultClientSecret,
		url.Values{"token": {value}, "token_type_hint": {"access_token"}})
	g.Expect(revoked.status).To(Equal(200))
	g.Expect(bearer(t, s, value).get(links).status).To(Equal(401))

	value = defaultToken(t, s)
	s.RevokeTokens(atlastest.DefaultClientID)
	g.Expect(bearer(t, s, value).get(links).status).To(Equal(401))
}

func TestTokenRefusals(t *testing.T) {
	s := atlastest.NewServer(t)
	s.AddServiceAccount("odd&id", "s%cret+/=")
	tests := map[string]struct {
		id, secret string
		form       url.Values
		status     int
		err        string
	}{
		"wrong secret":         {atlastest.DefaultClientID, "x", nil, 401, "invalid_client"},
		"unknown client":       {"x", atlastest.DefaultClientSecret, nil, 401, "invalid_client"},
		"API key":              {atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey, nil, 401, "invalid_client"},
		"another grant":        {atlastest.DefaultClientID, atlastest.DefaultClientSecret, url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		"secret as it is":      {"odd&id", "s%cret+/=", nil, 200, ""},
		"secret, form encoded": {url.QueryEscape("odd&id"), url.QueryEscape("s%cret+/="), nil, 200, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			form := tt.form
			if form == nil {
				form = url.Values{"grant_type": {"client_credentials"}}
			}
			res := oauthCall(t, s, "/api/oauth/token", tt.id, tt.secret, form)
			g.Expect(res.status).To(Equal(tt.status), res.text)
			if tt.err != "" {
				g.Expect(res.body).To(HaveKeyWithValue("error", tt.err))
			}
		})
	}
	for _, r := range s.Requests() {
		NewWithT(t).Expect(r.Body).NotTo(ContainSubstring("client_credentials"), "token requests are not logged")
	}
}

func TestTokenLimits(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t, atlastest.WithManualClock(start), atlastest.WithTokenLimit(3), atlastest.WithTokenRateLimit(2))
	defaultToken(t, s)
	s.Advance(15 * time.Second)
	defaultToken(t, s)
	limited := token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	g.Expect(limited.status).To(Equal(429))
	g.Expect(limited.code()).To(Equal("RATE_LIMITED"))
	g.Expect(limited.body["parameters"]).To(Equal([]any{"/api/oauth/token", 2.0, 1.0}))
	g.Expect(limited.header.Get("Retry-After")).To(Equal("45"))
	s.Advance(time.Minute)
	defaultToken(t, s)
	full := token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	g.Expect(full.status).To(Equal(403))
	g.Expect(full.body).To(HaveKeyWithValue("error", "access_denied"))
	g.Expect(s.LiveTokens(atlastest.DefaultClientID)).To(Equal(3))
}

func TestCredentialRestrictions(t *testing.T) {
	const other = "65f1c0de00000000000000ff"
	tests := map[string]struct {
		option atlastest.CredentialOption
		status int
		code   string
		write  int // status of a POST if different
	}{
		"none":               {atlastest.ReadOnly(false), 200, "", 0},
		"read only":          {atlastest.ReadOnly(true), 200, "", 401},
		"another project":    {atlastest.ForProjects(other), 401, "USER_CANNOT_ACCESS_GROUP", 0},
		"this project":       {atlastest.ForProjects(atlastest.DefaultProjectID, other), 200, "", 0},
		"off the list":       {atlastest.OffAccessList(true), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", 0},
		"other organization": {atlastest.WrongOrganization(true), 401, "NOT_ORG_GROUP_CREATOR", 0},
		"disabled":           {atlastest.Disabled(true), 401, "UNEXPECTED_ERROR", 0},
		"new secret":         {atlastest.Secret("other"), 401, "UNEXPECTED_ERROR", 0},
	}
	for name, tt := range tests {
		for _, scheme := range []string{"oauth", "digest"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				g := NewWithT(t)
				s := atlastest.NewServer(t)
				c := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
				id := atlastest.DefaultPublicKey
				if scheme == "oauth" {
					id = atlastest.DefaultClientID
					c = bearer(t, s, defaultToken(t, s))
				}
				g.Expect(s.UpdateCredential(id, tt.option)).To(BeTrue())
				want, code := tt.status, tt.code
				if scheme == "oauth" && name == "new secret" {
					want, code = 200, "" // a token stays valid after its secret is replaced
				}
				res := c.get(links)
				g.Expect(res.status).To(Equal(want), res.text)
				g.Expect(res.code()).To(Equal(code))
				if tt.write != 0 {
					want = tt.write
				}
				written := c.post(links, pubSubLink)
				g.Expect(written.status).To(Equal(want))
				if tt.write != 0 {
					g.Expect(written.code()).To(Equal("USER_UNAUTHORIZED"))
				}
			})
		}
	}
}

func TestRevokedCredentials(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	oauth := bearer(t, s, defaultToken(t, s))
	key := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	g.Expect(oauth.get(links).status).To(Equal(200))
	g.Expect(key.get(links).status).To(Equal(200))
	s.RevokeCredential(atlastest.DefaultClientID)
	s.RevokeCredential(atlastest.DefaultPublicKey)
	g.Expect(oauth.get(links).status).To(Equal(401))
	g.Expect(key.get(links).status).To(Equal(401))
	g.Expect(token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret).status).To(Equal(401))
	g.Expect(s.UpdateCredential(atlastest.DefaultClientID)).To(BeFalse())
}

func TestDigest(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t, atlastest.WithManualClock(start), atlastest.WithNonce(time.Minute, 3))
	c := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	statuses := func() []int {
		var out []int
		for _, r := range s.Requests() {
			out = append(out, r.Status)
		}
		s.ResetRequests()
		return out
	}
	c.link(pubSubLink)
	g.Expect(statuses()).To(Equal([]int{401, 200}), "the body is sent again after the challenge")
	c.get(links)
	c.get(links + "?pageNum=1&itemsPerPage=500")
	g.Expect(statuses()).To(Equal([]int{200, 200}), "a nonce serves several requests")
	c.get(links)
	g.Expect(statuses()).To(Equal([]int{401, 200}), "and then it is used up")
	s.Advance(time.Minute)
	c.get(links)
	g.Expect(statuses()).To(Equal([]int{401, 200}), "or too old")

	wrong := digestAPI(t, s, atlastest.DefaultPublicKey, "x").get(links)
	g.Expect(wrong.status).To(Equal(401))
	g.Expect(wrong.header.Get("WWW-Authenticate")).To(And(HavePrefix("Digest "), ContainSubstring("stale=false")))
	g.Expect(digestAPI(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret).get(links).status).To(Equal(401))
}

func TestDigestReplayAndForgery(t *testing.T) {
	s := atlastest.NewServer(t)
	anonymous := &api{t: t, base: s.URL, client: s.Client()}
	challenge, err := digest.ParseChallenge(anonymous.get(links).header.Get("WWW-Authenticate"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	attempt := func(method, uri string, count int, change func(string) string) answer {
		credentials, err := digest.Digest(challenge, digest.Options{
			Method: method, URI: uri, Count: count, Cnonce: "c0ffee",
			Username: atlastest.DefaultPublicKey, Password: atlastest.DefaultPrivateKey,
		})
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		anonymous.header = http.Header{"Authorization": {change(credentials.String())}}
		return anonymous.get(links)
	}
	same := func(s string) string { return s }
	tests := []struct {
		name   string
		answer answer
		status int
		stale  string
	}{
		{"right", attempt("GET", links, 1, same), 200, ""},
		{"next count", attempt("GET", links, 2, same), 200, ""},
		{"a replay", attempt("GET", links, 1, same), 401, "stale=true"},
		{"another path", attempt("GET", links+"/x", 3, same), 401, "stale=false"},
		{"another method", attempt("DELETE", links, 3, same), 401, "stale=false"},
		{"no qop", attempt("GET", links, 3, func(s string) string { return strings.Replace(s, "qop=auth", "qop=none", 1) }), 401, "stale=false"},
		{"unknown nonce", func() answer {
			challenge.Nonce = "made-up"
			return attempt("GET", links, 3, same)
		}(), 401, "stale=true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(tt.answer.status).To(Equal(tt.status))
			g.Expect(tt.answer.header.Get("WWW-Authenticate")).To(ContainSubstring(tt.stale))
		})
	}
}
