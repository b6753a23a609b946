package atlas

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// limited is a transport without a network that limits calls like Atlas: with a token bucket per project, or a shared
// one. It always issues tokens.
type limited struct {
	rate   float64 // calls per second
	burst  float64
	shared bool // one bucket for all projects
	// latency is the duration of a call, plus or minus jitter. The bucket is checked halfway through.
	latency, jitter time.Duration
	silent          bool // reports its limit only in 429s

	ledger
}

type ledger struct {
	mu               sync.Mutex
	buckets          map[string]*level
	served, rejected int
}

// level is the content of a bucket at a time.
type level struct {
	tokens float64
	at     time.Time
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/api/oauth/token") {
		return respond(200, tokenStep(1).body, http.Header{}), nil
	}
	l.travel()
	status, body, header := l.serve(strings.Split(req.URL.Path, "/")[5])
	l.travel()
	return respond(status, body, header), nil
}

func respond(status int, body string, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func (l *limited) travel() {
	d := l.latency / 2
	if l.jitter > 0 {
		d += rand.N(2*l.jitter) - l.jitter
	}
	time.Sleep(max(d, 0))
}

func (l *limited) serve(project string) (status int, body string, header http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.fill(project)
	header = http.Header{}
	if !l.silent {
		header.Set("RateLimit-Limit", strconv.Itoa(int(l.burst)))
	}
	if b.tokens < 1 {
		l.rejected++
		after := max(1, math.Ceil((1-b.tokens)/l.rate))
		header.Set("Retry-After", fmt.Sprint(after))
		if !l.silent {
			header.Set("RateLimit-Remaining", "0")
		}
		return 429, refusal(429, codeTokenBucket, "d", "/path", after, l.burst, l.rate, 1), header
	}
	b.tokens--
	l.served++
	if !l.silent {
		header.Set("RateLimit-Remaining", strconv.Itoa(int(b.tokens)))
	}
	return 200, `{"_id":"x","name":"n","results":[]}`, header
}

// fill is called with the lock held.
func (l *limited) fill(project string) *level {
	if l.shared {
		project = ""
	}
	if l.buckets == nil {
		l.buckets = map[string]*level{}
	}
	b := l.buckets[project]
	if b == nil {
		b = &level{l.burst, time.Now()}
		l.buckets[project] = b
	}
	now := time.Now()
	b.tokens = min(l.burst, b.tokens+l.rate*now.Sub(b.at).Seconds())
	b.at = now
	return b
}

// change sets another limit, also for existing buckets.
func (l *limited) change(rate, burst float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for project := range l.buckets {
		l.fill(project)
	}
	l.rate, l.burst = rate, burst
}

func (l *limited) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(account, Options{BaseURL: "https://atlas.example", Transport: l})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

// storm is a set of callers that make calls without pause.
type storm struct {
	clients  []*Client
	callers  int // per client
	calls    int // in total
	projects int // 0: one

	mu       sync.Mutex
	next     int
	keptBack int
}

// run returns the time until all calls have succeeded.
func (s *storm) run(t *testing.T) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for _, c := range s.clients {
		for range s.callers {
			wg.Go(func() {
				for number, ok := s.take(); ok; number, ok = s.take() {
					s.call(t, c, number)
				}
			})
		}
	}
	wg.Wait()
	return time.Since(start)
}

func (s *storm) take() (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return s.next, s.next <= s.calls
}

func (s *storm) call(t *testing.T, c *Client, number int) {
	projectID := fmt.Sprintf("%024d", number%max(s.projects, 1))
	for {
		_, err := c.UpdateConnection(t.Context(), projectID, "w", "n", sampleRequest)
		if err == nil {
			return
		}
		if !IsRateLimited(err) {
			t.Errorf("call %d: %v", number, err)
			return
		}
		if errors.Is(err, errKeptBack) {
			s.mu.Lock()
			s.keptBack++
			s.mu.Unlock()
		}
		time.Sleep(RetryAfter(err))
	}
}

// skipUnderRaceDetector skips what takes long and finds no race that shorter tests do not find: hack/test.sh runs the
// package with the race detector and -short, and as a whole without it.
func skipUnderRaceDetector(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long")
	}
}

func TestAStormOfCallsKeepsToTheLimit(t *testing.T) {
	skipUnderRaceDetector(t)
	for name, tc := range map[string]struct {
		server   *limited
		callers  int
		clients  int
		projects int
		calls    int // 2,000
		// ideal is the time in seconds that the limit allows, 2,000 / rate.
		ideal    float64
		rejected float64 // maximum fraction, 1 %
	}{
		"20/s, 10 callers":    {server: &limited{rate: 20, burst: 40}, callers: 10},
		"20/s, 20 callers":    {server: &limited{rate: 20, burst: 40}, callers: 20},
		"20/s, uneven":        {server: &limited{rate: 20, burst: 40, jitter: 10 * time.Millisecond}, callers: 20},
		"20/s, slow":          {server: &limited{rate: 20, burst: 40, latency: 300 * time.Millisecond, jitter: 100 * time.Millisecond}, callers: 20},
		"1/s":                 {server: &limited{rate: 1, burst: 5}, callers: 20},
		"100/s":               {server: &limited{rate: 100, burst: 1200}, callers: 20, calls: 5000},
		"100/s, small":        {server: &limited{rate: 100, burst: 20}, callers: 20},
		"10 a minute":         {server: &limited{rate: 1.0 / 6, burst: 10}, callers: 10, calls: 300, rejected: 0.02},
		"20/s, tiny":          {server: &limited{rate: 20, burst: 3}, callers: 10},
		"two clients":         {server: &limited{rate: 20, burst: 40}, callers: 10, clients: 2, rejected: 0.03},
		"four clients":        {server: &limited{rate: 20, burst: 40}, callers: 5, clients: 4, rejected: 0.03},
		"5 projects, apart":   {server: &limited{rate: 20, burst: 40}, callers: 40, projects: 5, ideal: 20},
		"5 projects, shared":  {server: &limited{rate: 20, burst: 40, shared: true}, callers: 20, projects: 5},
		"20 projects, shared": {server: &limited{rate: 20, burst: 40, shared: true}, callers: 20, projects: 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				server := tc.server
				if server.latency == 0 {
					server.latency = 20 * time.Millisecond
				}
				s := &storm{callers: tc.callers, projects: tc.projects, calls: 2000}
				if tc.calls > 0 {
					s.calls = tc.calls
				}
				for range max(tc.clients, 1) {
					s.clients = append(s.clients, server.client(t))
				}
				took := s.run(t)
				ideal := float64(s.calls) / server.rate
				if tc.ideal > 0 {
					ideal = tc.ideal
				}
				t.Logf(name+": %d calls in %.1f s (%.2f of ideal), %d rejected, %d kept back", s.calls, took.Seconds(), took.Seconds()/ideal, server.rejected, s.keptBack)
				g.Expect(took.Seconds()).To(BeNumerically("<=", 1.1*ideal))
				g.Expect(server.served).To(Equal(s.calls))
				g.Expect(float64(server.rejected)).To(BeNumerically("<=", max(tc.rejected, 0.01)*float64(s.calls)))
			})
		})
	}
}

func TestAStormFollowsALimitThatChanges(t *testing.T) {
	skipUnderRaceDetector(t)
	for name, to := range map[string]struct{ rate, burst float64 }{
		"less": {5, 10}, "more": {80, 160}, "slower, of the same size": {5, 40}, "faster, of the same size": {80, 40},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				server := &limited{rate: 20, burst: 40, latency: 20 * time.Millisecond}
				s := &storm{clients: []*Client{server.client(t)}, callers: 20, calls: 2000}
				change := time.AfterFunc(50*time.Second, func() { server.change(to.rate, to.burst) })
				defer change.Stop()
				took := s.run(t)
				ideal := 50 + (2000-50*20)/to.rate
				t.Logf("%.1f s (%.2f of ideal), %d rejected, %d kept back", took.Seconds(), took.Seconds()/ideal, server.rejected, s.keptBack)
				g.Expect(took.Seconds()).To(BeNumerically("<=", 1.1*ideal))
				g.Expect(server.rejected).To(BeNumerically("<=", 40))
			})
		})
	}
}

// Another user of the bucket ignores the rate limit headers.
func TestStormWithGreedyUserOfTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		server := &limited{rate: 20, burst: 40, latency: 20 * time.Millisecond}
		s := &storm{clients: []*Client{server.client(t)}, callers: 10, calls: 500}
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Second / 10):
					_, _, _ = server.serve(project)
				}
			}
		}()
		took := s.run(t)
		close(done)
		t.Logf("%.1f s, %d rejected, %d kept back", took.Seconds(), server.rejected, s.keptBack)
		g.Expect(took.Seconds()).To(BeNumerically("<=", 1.1*500/10))
		g.Expect(server.rejected).To(BeNumerically("<=", 10))
	})
}

// A server that reports its limit only in 429s.
func TestAStormOnASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		server := &limited{rate: 20, burst: 40, latency: 20 * time.Millisecond, silent: true}
		s := &storm{clients: []*Client{server.client(t)}, callers: 20, calls: 2000}
		took := s.run(t)
		t.Logf("%.1f s, %d rejected, %d kept back", took.Seconds(), server.rejected, s.keptBack)
		g.Expect(took.Seconds()).To(BeNumerically("<=", 1.1*2000/20))
		g.Expect(server.rejected).To(BeNumerically("<=", 100))
	})
}

// A project with an empty bucket does not delay another one, once they are known to have separate buckets.
func TestBusyProjectDoesNotDelayAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		server := &limited{rate: 20, burst: 40, latency: 20 * time.Millisecond}
		c := server.client(t)
		s := &storm{clients: []*Client{c}, callers: 10, calls: 1000}
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { s.run(t) })
		time.Sleep(10 * time.Second)
		g.Expect(get(t.Context(), c, otherProject)).To(Succeed())
		time.Sleep(time.Second)
		start := time.Now()
		for range 30 {
			g.Expect(get(t.Context(), c, otherProject)).To(Succeed())
		}
		g.Expect(time.Since(start)).To(Equal(30 * 20 * time.Millisecond))
		wg.Wait()
		g.Expect(server.rejected).To(BeZero())
	})
}
