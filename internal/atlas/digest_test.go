package atlas

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/icholy/digest"
	. "github.com/onsi/gomega"
)

var apiKey = Credentials{APIKey: true, ID: "publickey", Secret: NewSecret("planted-private-key")}

// digestServer verifies the digest of every request and rejects a repeated nonce count.
type digestServer struct {
	*httptest.Server

	mu       sync.Mutex
	nonce    int // the valid one
	uses     int // before the nonce is stale; 0: unlimited
	stale    int // number of authenticated requests with a stale nonce
	used     map[string]bool
	requests int
	bodies   []string // of accepted requests
	reply    string   // body of the response; "" for an object with an id
	barred   string   // body of a 401 instead, "" for none
}

func serveDigest(t *testing.T) *digestServer {
	t.Helper()
	s := &digestServer{nonce: 1, used: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *digestServer) client(t *testing.T, creds Credentials) *Client {
	t.Helper()
	c, err := New(creds, Options{BaseURL: s.URL})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

func (s *digestServer) challenge() *digest.Challenge {
	return &digest.Challenge{Realm: "MMS Public API", Nonce: fmt.Sprint("nonce", s.nonce), Algorithm: "MD5", QOP: []string{"auth"}}
}

func (s *digestServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	body, _ := io.ReadAll(r.Body)
	ok, stale := s.check(r)
	if !ok {
		challenge := s.challenge()
		challenge.Stale = stale
		w.Header().Set("WWW-Authenticate", challenge.String())
		answer(w, 401, refusal(401, "UNAUTHORIZED", "no"))
		return
	}
	s.bodies = append(s.bodies, string(body))
	if s.barred != "" {
		w.Header().Set("WWW-Authenticate", s.challenge().String())
		answer(w, 401, s.barred)
		return
	}
	answer(w, 200, cmp.Or(s.reply, `{"_id":"x"}`))
}

func (s *digestServer) check(r *http.Request) (ok, stale bool) {
	creds, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	if err != nil {
		return false, false
	}
	challenge := s.challenge()
	challenge.Nonce = creds.Nonce
	want, err := digest.Digest(challenge, digest.Options{
		Method: r.Method, URI: r.RequestURI, Count: creds.Nc, Cnonce: creds.Cnonce, Username: apiKey.ID, Password: apiKey.Secret.Reveal(),
	})
	if err != nil || want.Response != creds.Response {
		return false, false
	}
	if s.stale > 0 {
		s.stale--
		s.nonce++
	}
	use := fmt.Sprint(creds.Nonce, " ", creds.Nc)
	if creds.Nonce != s.challenge().Nonce || s.used[use] {
		return false, true
	}
	s.used[use] = true
	if s.uses > 0 && creds.Nc >= s.uses {
		s.nonce++
	}
	return true, false
}

func TestDigestReusesTheNonce(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	c := s.client(t, apiKey)
	for range 20 {
		_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(s.requests).To(Equal(21))
	g.Expect(s.bodies).To(HaveLen(20))
	for _, body := range s.bodies {
		g.Expect(body).To(MatchJSON(`{"provider":"AWS","region":"us-east-1"}`))
	}

	getAtOnce(t, c, 100)
	g.Expect(s.requests).To(Equal(121), "in parallel too")
}

func TestDigestIsChallengedOnceByCallsThatStartTogether(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	c := s.client(t, apiKey)
	getAtOnce(t, c, 50)
	g.Expect(s.requests).To(Equal(51))
}

func TestDigestReplacesAStaleNonce(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	s.uses = 5
	c := s.client(t, apiKey)
	for range 20 {
		_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(s.requests).To(Equal(20 + 4))
	g.Expect(s.bodies).To(HaveLen(20))
}

// Parallel calls may exhaust each other's nonces.
func TestDigestReplacesAStaleNonceMoreThanOnce(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	s.stale = 3
	c := s.client(t, apiKey)
	_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.bodies).To(HaveLen(1))

	s.stale = 1000
	before := s.requests
	_, err = c.CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(IsUnauthorized(err)).To(BeTrue())
	g.Expect(s.requests - before).To(BeNumerically("<=", 2*(maxStale+1)))
}

func TestDigestWithAWrongKey(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	c := s.client(t, Credentials{APIKey: true, ID: "publickey", Secret: NewSecret("wrong-private-key")})
	_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(judge(err)).To(ConsistOf("Unauthorized"))
	g.Expect(Class(err)).To(Equal("HTTP 401 UNAUTHORIZED"))
	g.Expect(s.requests).To(Equal(2))
	g.Expect(s.bodies).To(BeEmpty())
}

// The key was accepted, or the response comes from a proxy and may have replaced Atlas's: a write must not be sent
// twice.
func TestDigestDoesNotRetryUnrelated401(t *testing.T) {
	for name, body := range map[string]string{
		"page": "<html>", "no role": refusal(401, "USER_UNAUTHORIZED", "d"), "no project": refusal(401, "USER_CANNOT_ACCESS_GROUP", "d"),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := serveDigest(t)
			s.barred = body
			c := s.client(t, apiKey)
			err := update(t.Context(), c, project)
			g.Expect(err).To(HaveOccurred())
			g.Expect(IsUnauthorized(err)).To(BeFalse())
			g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
			g.Expect(s.bodies).To(HaveLen(2))
			g.Expect(s.requests).To(Equal(1+2), "one challenge and two calls")
		})
	}
}

func TestDigestKeepsA401WithoutAChallenge(t *testing.T) {
	for _, challenge := range []string{"", "Basic realm=x", "Digest", `Digest realm="x", nonce="y", algorithm=SHA-3`, `Digest nonce="unclosed`} {
		g := NewWithT(t)
		f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", challenge)
			answer(w, 401, refusal(401, "NOT_ORG_GROUP_CREATOR", "d"))
		})
		c, err := New(apiKey, Options{BaseURL: f.URL})
		g.Expect(err).NotTo(HaveOccurred())
		_, err = c.CreatePrivateLink(t.Context(), project, linkRequest)
		g.Expect(judge(err)).To(ConsistOf("Forbidden"), challenge)
		g.Expect(Class(err)).To(Equal("HTTP 401 NOT_ORG_GROUP_CREATOR"), challenge)
		g.Expect(f.tokenCalls()).To(BeZero())
	}
}

func TestDigestClientCloses(t *testing.T) {
	g := NewWithT(t)
	s := serveDigest(t)
	c := s.client(t, apiKey)
	g.Expect(c.Close(t.Context())).To(Succeed())
	_, err := c.GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).To(MatchError(ErrClosed))
	g.Expect(s.requests).To(BeZero())
	g.Expect(strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "planted")).To(BeFalse())
}
