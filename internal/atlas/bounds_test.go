package atlas

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// Atlas limits an account to 100 tokens: invalid project IDs must not exhaust them or the memory.
func TestRejectedProjectsUseFewTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}}
		c := s.client(t)
		for i := range 3 * maxUseless {
			g.Expect(IsUnauthorized(get(t.Context(), c, fmt.Sprint("made-up-", i)))).To(BeTrue())
		}
		g.Expect(c.tokens.useless).To(HaveLen(maxUseless))
		g.Expect(s.tokenCalls()).To(Equal(1 + maxUseless))

		time.Sleep(maxUseless * noUseHold)
		g.Expect(IsUnauthorized(get(t.Context(), c, project))).To(BeTrue())
		g.Expect(c.tokens.useless).To(HaveLen(1))
	})
}

// A token is valid for an hour.
func TestRejectedProjectsUseFewTokensForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}}
		c := s.client(t)
		for range 4 * 30 {
			for i := range 20 {
				g.Expect(IsUnauthorized(get(t.Context(), c, fmt.Sprint("of-another-organisation-", i)))).To(BeTrue())
			}
			time.Sleep(2 * time.Minute)
		}
		for i, issued := range s.tokens {
			valid := slices.IndexFunc(s.tokens[i:], func(t time.Time) bool { return t.Sub(issued) > time.Hour })
			g.Expect(valid).To(BeNumerically("<", 50), "at a time")
		}
	})
}

// roomy has one bucket per project. The bucket of the first project is nearly empty.
type roomy struct{ calls int }

func (r *roomy) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/api/oauth/token") {
		return respond(200, tokenStep(1).body, http.Header{}), nil
	}
	r.calls++
	remaining := "39"
	if r.calls == 1 {
		remaining = "5" // what follows cannot come from the same bucket
	}
	return respond(200, fine.body, left(remaining).header), nil
}

func TestMadeUpProjectsDoNotFillTheMemory(t *testing.T) {
	g := NewWithT(t)
	transport := &roomy{}
	c, err := New(account, Options{BaseURL: "https://atlas.example", Transport: transport})
	g.Expect(err).NotTo(HaveOccurred())
	call := func(from, to int) {
		for i := from; i < to; i++ {
			g.Expect(get(t.Context(), c, fmt.Sprint("made-up-", i))).To(Succeed())
		}
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	call(0, 1000)
	before := heap()
	call(1000, 11000)
	g.Expect(heap() - before).To(BeNumerically("<", 500_000))
	runtime.KeepAlive(c)
}

type unread struct{ *testing.T }

func (u unread) Read([]byte) (int, error) { u.Error("the body is read"); return 0, io.EOF }
func (unread) Close() error               { return nil }

// A page of a list has hundreds of kilobytes, and the limiter holds its lock while it learns from a response.
func TestSuccessIsNotDecodedAsAnError(t *testing.T) {
	g := NewWithT(t)
	c := (&script{steps: []step{fine}}).client(t)
	req, err := c.request(t.Context(), streamsCall("X", http.MethodGet, privateLinkPath(project)))
	g.Expect(err).NotTo(HaveOccurred())
	r, err := c.Reserve(t.Context(), project)
	g.Expect(err).NotTo(HaveOccurred())
	resp := &http.Response{StatusCode: 200, Header: left("39").header, Body: unread{t}, Request: req}
	r.finish(resp)
	again, _ := worthRepeating(resp, nil)
	g.Expect(again).To(BeFalse())
}

// A text is decoded in several ways to redact it, which takes a hundred times its size.
func TestLongErrorTextsDoNotFillTheMemory(t *testing.T) {
	g := NewWithT(t)
	body := refusal(400, "X", strings.Repeat("%41 \\u0041 ", 500_000))
	c := serve(t, always(400, body)).client(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
	runtime.ReadMemStats(&after)
	g.Expect(IsForeign(err)).To(BeTrue(), "it is none of Atlas's")
	g.Expect(IsOutcomeUnknown(err)).To(BeTrue())
	g.Expect(after.TotalAlloc - before.TotalAlloc).To(BeNumerically("<", 100<<20))
}

// Calls in flight keep their bucket when it is forgotten.
func TestMoreBusyProjectsThanBucketsAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		server := &limited{rate: 20, burst: 40, latency: 20 * time.Millisecond}
		s := &storm{clients: []*Client{server.client(t)}, callers: 60, calls: 6000, projects: 600}
		s.run(t)
		g.Expect(server.served).To(Equal(6000))
		g.Expect(server.rejected).To(BeNumerically("<=", 60))
	})
}
