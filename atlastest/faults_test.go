package atlastest_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const project = atlastest.DefaultProjectID

func TestFaultAnswers(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	h := s.Inject(atlastest.Fault{
		Operation: atlastest.OpCreatePrivateLink, Times: 1, Status: 400, ErrorCode: "VALIDATION_ERROR", Detail: "no cluster",
		Parameters: []any{"a"}, Fields: []atlastest.FieldError{{Field: "region", Description: "is odd"}},
		RetryAfter: 1500 * time.Millisecond, Header: http.Header{"Sunset": {"soon"}},
	})
	res := c.post(links, pubSubLink)
	g.Expect(res.status).To(Equal(400))
	g.Expect(res.body).To(Equal(object{
		"error": 400.0, "errorCode": "VALIDATION_ERROR", "reason": "Bad Request", "detail": "no cluster", "parameters": []any{"a"},
		"badRequestDetail": object{"fields": []any{object{"field": "region", "description": "is odd"}}},
	}))
	g.Expect(res.header.Get("Retry-After")).To(Equal("2"))
	g.Expect(res.header.Get("Sunset")).To(Equal("soon"))
	g.Expect(s.PrivateLinks(project)).To(BeEmpty())
	c.link(pubSubLink)
	g.Expect(h.Count()).To(Equal(1))

	s.Inject(atlastest.Fault{Method: "GET", Path: links + "/*", Status: 503, HTML: "<h1>Bad Gateway</h1>"})
	html := c.get(links + "/x")
	g.Expect(html.status).To(Equal(503))
	g.Expect(html.text).To(Equal("<h1>Bad Gateway</h1>"))
	g.Expect(html.header.Get("Content-Type")).To(HavePrefix("text/html"))
	g.Expect(c.get(links).status).To(Equal(200), "the pattern does not match the list")
	s.ClearFaults()
	g.Expect(c.get(links + "/x").code()).NotTo(BeEmpty())
}

func TestFaultsThatLoseAnswers(t *testing.T) {
	tests := map[string]struct {
		fault     atlastest.Fault
		status    int // 0: the connection is cut
		committed int // links that exist afterwards
	}{
		"cut before the commit":  {atlastest.Fault{DropBefore: true}, 0, 0},
		"cut after the commit":   {atlastest.Fault{DropAfter: true}, 0, 1},
		"504 before the commit":  {atlastest.Fault{Status: 504}, 504, 0},
		"504 although committed": {atlastest.Fault{Status: 504, AfterCommit: true}, 504, 1},
	}
	for name, tt := range tests {
		for _, scheme := range []string{"oauth", "digest"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				g := NewWithT(t)
				s, c := newAPI(t)
				if scheme == "digest" {
					c = digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
				}
				tt.fault.Operation, tt.fault.Times = atlastest.OpCreatePrivateLink, 1
				h := s.Inject(tt.fault)
				res, err := c.try("POST", links, pubSubLink)
				g.Expect(err != nil).To(Equal(tt.status == 0))
				g.Expect(res.status).To(Equal(tt.status))
				g.Expect(s.PrivateLinks(project)).To(HaveLen(tt.committed))
				g.Expect(h.Count()).To(Equal(1), "a digest challenge does not use it up")
				g.Expect(s.RequestsOf(atlastest.OpCreatePrivateLink)).To(ConsistOf(HaveField("Status", tt.status)))
			})
		}
	}
}

func TestFaultHangs(t *testing.T) {
	for name, afterCommit := range map[string]bool{"before the commit": false, "after the commit": true} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			h := s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, Hang: true, AfterCommit: afterCommit})
			var wg sync.WaitGroup
			var res answer
			wg.Go(func() { res = c.post(links, pubSubLink) })
			_, err := s.WaitForArrival(t.Context(), isOp(atlastest.OpCreatePrivateLink))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(s.Count(atlastest.OpCreatePrivateLink)).To(Equal(0), "not answered yet")
			h.Remove()
			wg.Wait()
			g.Expect(res.status).To(Equal(200), "a released request goes on")
			g.Expect(s.PrivateLinks(project)).To(HaveLen(1))
		})
	}
}

func TestFaultWhenTheClientLeaves(t *testing.T) {
	for name, tc := range map[string]struct {
		fault         atlastest.Fault
		status, links int
	}{
		"a hang ends with it":    {atlastest.Fault{Hang: true}, 0, 0},
		"a delay ends in a link": {atlastest.Fault{Delay: 150 * time.Millisecond}, 200, 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			c.get(links) // fetches a token
			tc.fault.Operation = atlastest.OpCreatePrivateLink
			s.Inject(tc.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			c.ctx = ctx
			_, err := c.try("POST", links, pubSubLink)
			g.Expect(err).To(MatchError(context.DeadlineExceeded))
			r, err := s.WaitFor(t.Context(), isOp(atlastest.OpCreatePrivateLink))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(r.Status).To(Equal(tc.status))
			g.Expect(s.PrivateLinks(project)).To(HaveLen(tc.links))
		})
	}
}

func TestFaultSkipsMatchesAndCombines(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	delay := s.Inject(atlastest.Fault{Delay: time.Nanosecond})
	first := s.Inject(atlastest.Fault{
		Match: func(r atlastest.Request) bool { return r.Target == "second" }, Skip: 1, Times: 1, Status: 500,
	})
	second := s.Inject(atlastest.Fault{Method: "GET", Status: 502})
	g.Expect(c.get(links+"/second").status).To(Equal(502), "the first match is skipped")
	g.Expect(c.get(links + "/second").status).To(Equal(500))
	g.Expect(c.get(links + "/second").status).To(Equal(502))
	second.Remove()
	g.Expect(c.get(links + "/second").status).To(Equal(404))
	g.Expect([]int{first.Count(), second.Count()}).To(Equal([]int{1, 2}))
	g.Expect(delay.Count()).To(BeNumerically(">=", 4))
}

func TestFaultsOfTheTokenService(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	s.Inject(atlastest.Fault{Operation: atlastest.OpToken, Times: 1, Status: 503})
	g.Expect(token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret).status).To(Equal(503))
	g.Expect(token(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret).status).To(Equal(200))
}

func TestFaultsThatDoNothingAreMistakes(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	g.Expect(func() { s.Inject(atlastest.Fault{Method: "GET"}) }).To(PanicWith(ContainSubstring("does nothing")))
	g.Expect(func() { s.Inject(atlastest.Fault{Path: "[", Status: 500}) }).To(PanicWith(ContainSubstring("pattern")))
	g.Expect(func() { s.Inject(atlastest.Fault{Status: 42}) }).To(PanicWith(ContainSubstring("status")))
}

func isOp(op atlastest.Operation) func(atlastest.Request) bool {
	return func(r atlastest.Request) bool { return r.Operation == op }
}
