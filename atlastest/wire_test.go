package atlastest_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/oauth2"

	"github.com/atlasstreams/operator/atlastest"
)

// withTLS serves HTTPS with these protocols, HTTP/2 and HTTP/1 by default.
func withTLS(t *testing.T, protocols ...string) atlastest.Option {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Close()
	return atlastest.WithTLS(&tls.Config{
		Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12, NextProtos: protocols,
	})
}

// tlsAPI starts a server with TLS.
func tlsAPI(t *testing.T, opts ...atlastest.Option) (*atlastest.Server, *api) {
	t.Helper()
	s := atlastest.NewServer(t, opts...)
	login := token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	bearer := &oauth2.Token{AccessToken: login.body["access_token"].(string)}
	client := &http.Client{Transport: &oauth2.Transport{Source: oauth2.StaticTokenSource(bearer), Base: s.Client().Transport}}
	return s, &api{t: t, base: s.URL, client: client}
}

// postOnce creates a link with a request that Go's transport cannot retry.
func (a *api) postOnce(body object) (answer, error) {
	a.t.Helper()
	data, err := json.Marshal(body)
	NewWithT(a.t).Expect(err).NotTo(HaveOccurred())
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.base+links, io.NopCloser(bytes.NewReader(data)))
	NewWithT(a.t).Expect(err).NotTo(HaveOccurred())
	req.Header.Set("Accept", media)
	req.Header.Set("Content-Type", media)
	res, err := a.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, header: res.Header, text: string(read)}, err
}

func TestStreamsAreResetWithTheRequestedCode(t *testing.T) {
	for _, code := range []atlastest.Cut{
		atlastest.CutProtocolError, atlastest.CutInternalError, atlastest.CutRefusedStream, atlastest.CutCancel,
	} {
		for when, committed := range map[string]int{"before the commit": 0, "after the commit": 1} {
			t.Run(string(code)+" "+when, func(t *testing.T) {
				g := NewWithT(t)
				s, c := tlsAPI(t, withTLS(t))
				s.Inject(atlastest.Fault{
					Operation: atlastest.OpCreatePrivateLink, Times: 1, DropAfter: committed == 1, DropBefore: committed == 0, Cut: code,
				})
				_, err := c.postOnce(pubSubLink)
				g.Expect(err).To(MatchError(ContainSubstring(string(code))))
				g.Expect(s.PrivateLinks(project)).To(HaveLen(committed))
				g.Expect(c.get(links).status).To(Equal(200), "the connection goes on")
			})
		}
	}
}

func TestResetsAndGoAwayMakeGoRepeatAPost(t *testing.T) {
	for _, cut := range []atlastest.Cut{atlastest.CutProtocolError, atlastest.CutRefusedStream, atlastest.CutGoAway} {
		t.Run(string(cut), func(t *testing.T) {
			g := NewWithT(t)
			s, c := tlsAPI(t, withTLS(t))
			s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, Times: 1, DropAfter: true, Cut: cut})
			c.link(pubSubLink)
			g.Expect(s.PrivateLinks(project)).To(HaveLen(2), "one for each time that the transport has sent it")
		})
	}
}

func TestConcurrentStreamsAreCutApart(t *testing.T) {
	g := NewWithT(t)
	s, c := tlsAPI(t, withTLS(t))
	s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, DropAfter: true, Cut: atlastest.CutCancel})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, err := c.postOnce(pubSubLink)
			g.Expect(err).To(MatchError(ContainSubstring("CANCEL")))
		})
		wg.Go(func() { g.Expect(c.get(links).status).To(Equal(200)) })
	}
	wg.Wait()
	g.Expect(s.PrivateLinks(project)).To(HaveLen(10))
}

func TestConnectionsAreReset(t *testing.T) {
	for name, opts := range map[string][]atlastest.Option{
		"HTTP/1": nil, "HTTP/1 with TLS": {withTLS(t, "http/1.1")}, "HTTP/2": {withTLS(t)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := tlsAPI(t, opts...)
			s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, Times: 1, DropAfter: true, Cut: atlastest.CutReset})
			_, err := c.postOnce(pubSubLink)
			if name == "HTTP/2" { // the client's write may meet the reset first
				g.Expect(err).To(MatchError(Or(ContainSubstring("reset"), ContainSubstring("EOF"), ContainSubstring("broken pipe"))))
			} else {
				g.Expect(errors.Is(err, syscall.ECONNRESET)).To(BeTrue(), "%v", err)
			}
			s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, Times: 1, DropAfter: true})
			_, err = c.postOnce(pubSubLink)
			g.Expect(err).To(HaveOccurred())
			g.Expect(errors.Is(err, syscall.ECONNRESET)).To(BeFalse(), "%v", err)
			g.Expect(s.PrivateLinks(project)).To(HaveLen(2))
		})
	}
}

func TestAnswersAreCutInTheMiddle(t *testing.T) {
	for protocol, opts := range map[string][]atlastest.Option{
		"HTTP/1": nil, "HTTP/1 with TLS": {withTLS(t, "http/1.1")}, "HTTP/2": {withTLS(t)},
	} {
		for name, tc := range map[string]struct {
			fault     atlastest.Fault
			err       string // empty: the half looks complete
			committed int
		}{
			"closed":                {atlastest.Fault{}, "E", 1},
			"reset":                 {atlastest.Fault{Cut: atlastest.CutReset}, "E", 1},
			"closed without length": {atlastest.Fault{NoLength: true}, "", 1},
			"reset without length":  {atlastest.Fault{NoLength: true, Cut: atlastest.CutReset}, "reset", 1},
			"half a refusal":        {atlastest.Fault{Status: 500}, "E", 0},
		} {
			t.Run(protocol+" "+name, func(t *testing.T) {
				g := NewWithT(t)
				s, c := tlsAPI(t, opts...)
				tc.fault.Operation, tc.fault.Times, tc.fault.Truncate = atlastest.OpCreatePrivateLink, 1, true
				s.Inject(tc.fault)
				res, err := c.postOnce(pubSubLink)
				g.Expect(res.status).To(BeElementOf(200, 500, 0))
				hasLength := res.header.Get("Content-Length") != ""
				g.Expect(hasLength).To(Equal(!tc.fault.NoLength && res.status != 0))
				if tc.err == "" {
					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(json.Valid([]byte(res.text))).To(BeFalse())
					g.Expect(res.text).NotTo(BeEmpty())
				} else {
					g.Expect(err).To(MatchError(MatchRegexp(tc.err + "|reset|unexpected EOF")))
				}
				g.Expect(s.PrivateLinks(project)).To(HaveLen(tc.committed))
			})
		}
	}
}

func TestPlainHTTPOnTLSPortGets400(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t, withTLS(t))
	plain := &api{t: t, base: "http" + strings.TrimPrefix(s.URL, "https"), client: &http.Client{}}
	res := plain.get(links)
	g.Expect(res.status).To(Equal(400))
	g.Expect(res.text).To(ContainSubstring("https://"))
}

func TestUnknownCutsAreMistakes(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	g.Expect(func() { s.Inject(atlastest.Fault{DropAfter: true, Cut: "x"}) }).To(PanicWith(ContainSubstring("cut")))
}
