package atlas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// script is a transport without a network: it answers API calls with its steps in order, repeats the last one, and
// always issues tokens.
type script struct {
	mu    sync.Mutex
	steps []step
	token func(number int) step // nil: "token-<number>" for an hour

	starts []time.Time // of the API calls
	auths  []string
	bodies []string
	tokens []time.Time
}

// step is one response after a delay.
type step struct {
	status int
	body   string
	header http.Header
	err    error
	after  time.Duration
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	st := s.next(req)
	if st.after > 0 {
		select {
		case <-time.After(st.after):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if st.err != nil {
		return nil, st.err
	}
	header := st.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: st.status, Header: header, Body: io.NopCloser(strings.NewReader(st.body))}, nil
}

func (s *script) next(req *http.Request) step {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(req.URL.Path, "/api/oauth/token") {
		s.tokens = append(s.tokens, time.Now())
		if s.token != nil {
			return s.token(len(s.tokens))
		}
		return tokenStep(len(s.tokens))
	}
	s.starts = append(s.starts, time.Now())
	body, _ := io.ReadAll(req.Body)
	s.auths, s.bodies = append(s.auths, req.Header.Get("Authorization")), append(s.bodies, string(body))
	return s.steps[min(len(s.starts), len(s.steps))-1]
}

func tokenStep(number int) step {
	return step{status: 200, body: fmt.Sprintf(`{"access_token":"token-%d","expires_in":3600}`, number)}
}

func (s *script) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(account, Options{BaseURL: "https://atlas.example", Transport: s, Timeout: 30 * time.Second})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.starts)
}

func (s *script) tokenCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}

var fine = step{status: 200, body: `{"_id":"x","name":"x","results":[]}`}

func retryIn(value string) http.Header { return http.Header{"Retry-After": {value}} }

func TestReadsAreRepeated(t *testing.T) {
	for name, failure := range map[string]step{
		"500": {status: 500}, "502": {status: 502, body: "<html>"}, "503": {status: 503}, "504": {status: 504}, "408": {status: 408}, "429": {status: 429},
		"network": {err: errors.New("cut")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{failure, failure, fine}}
				_, err := s.client(t).GetPrivateLink(t.Context(), project, linkID)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(s.starts).To(HaveLen(3))
				g.Expect(s.starts[1].Sub(s.starts[0])).To(BeNumerically("~", 150*time.Millisecond, 50*time.Millisecond))
				g.Expect(s.starts[2].Sub(s.starts[1])).To(BeNumerically("~", 300*time.Millisecond, 100*time.Millisecond))
			})
		})
	}
}

func TestReadRetriesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 503}}}
		_, err := s.client(t).GetPrivateLink(t.Context(), project, linkID)
		g.Expect(Class(err)).To(Equal("HTTP 503"))
		g.Expect(s.calls()).To(Equal(4))
	})
}

func TestRefusedReadsAreNotRepeated(t *testing.T) {
	for _, status := range []int{302, 400, 403, 404, 409, 501} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{status: status}}}
			_, err := s.client(t).GetPrivateLink(t.Context(), project, linkID)
			NewWithT(t).Expect(err).To(HaveOccurred())
			NewWithT(t).Expect(s.calls()).To(Equal(1), "%d", status)
		})
	}
}

func TestWritesAreNeverRepeated(t *testing.T) {
	for name, call := range apiCalls {
		if call.method == http.MethodGet {
			continue
		}
		for _, failure := range []step{
			{status: 500}, {status: 503, header: retryIn("0")}, {status: 408}, {err: io.ErrUnexpectedEOF},
			{status: 429, body: refusal(429, "RATE_LIMITED", "d"), header: retryIn("0")},
		} {
			t.Run(fmt.Sprint(name, failure.status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := NewWithT(t)
					s := &script{steps: []step{failure, fine}}
					err := call.do(t.Context(), s.client(t))
					g.Expect(err).To(HaveOccurred())
					g.Expect(s.calls()).To(Equal(1))
					g.Expect(IsOutcomeUnknown(err)).To(Equal(failure.status != 429))
				})
			})
		}
	}
}

func TestReadsHonourRetryAfter(t *testing.T) {
	bucket := refusal(429, "RATE_LIMITED_TOKEN_BUCKET", "d", "/path", 1.5, 100, 10, 1)
	for name, tc := range map[string]struct {
		step step
		wait time.Duration
	}{
		"header":                      {step{status: 429, header: retryIn("1")}, time.Second},
		"header of a 503":             {step{status: 503, header: retryIn("1.5")}, 1500 * time.Millisecond},
		"parameters":                  {step{status: 429, body: bucket}, 1500 * time.Millisecond},
		"header before parameters":    {step{status: 429, body: bucket, header: retryIn("1")}, time.Second},
		"less than our own is raised": {step{status: 429, header: retryIn("0")}, 150 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{tc.step, fine}}
				_, err := s.client(t).GetPrivateLink(t.Context(), project, linkID)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(s.starts[1].Sub(s.starts[0])).To(BeNumerically("~", tc.wait, 50*time.Millisecond))
			})
		})
	}
}

// A worker that waits for the rate limit delays resources of other projects.
func TestNoCallWaitsLongForTheRateLimit(t *testing.T) {
	again := step{status: 429, header: retryIn("0.9"), body: refusal(429, "RATE_LIMITED", "d")}
	for name, tc := range map[string]struct {
		step    step
		atMost  time.Duration
		comesIn time.Duration
	}{
		"a 429":               {step{status: 429, header: retryIn("3")}, 0, 3 * time.Second},
		"a 429, for long":     {step{status: 429, header: retryIn("29")}, 0, 29 * time.Second},
		"a 503":               {step{status: 503, header: retryIn("3")}, 0, 3 * time.Second},
		"a 429, again":        {again, longestWait, 900 * time.Millisecond},
		"a bucket":            {step{status: 429, body: refusal(429, codeTokenBucket, "d", "/path", 4, 40, 1, 1)}, 0, 4 * time.Second},
		"a 429 without words": {step{status: 429}, longestWait, 0},
	} {
		for operation, call := range apiCalls {
			t.Run(name+" "+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := NewWithT(t)
					s := &script{steps: []step{tc.step}}
					c := s.client(t)
					for range 3 {
						start := time.Now()
						err := call.do(t.Context(), c)
						g.Expect(err).To(HaveOccurred())
						g.Expect(time.Since(start)).To(BeNumerically("<=", tc.atMost))
						g.Expect(RetryAfter(err)).To(BeNumerically(">=", tc.comesIn-longestWait))
						if s.calls() == 1 {
							g.Expect(RetryAfter(err)).To(BeNumerically(">=", tc.comesIn))
						}
					}
				})
			})
		}
	}
}

func TestReadsDoNotWaitBeyondTheirTime(t *testing.T) {
	for name, within := range map[string]time.Duration{"of the call": time.Hour, "of the context": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{{status: 429, header: retryIn("40")}, fine}}
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				start := time.Now()
				_, err := s.client(t).GetPrivateLink(ctx, project, linkID)
				g.Expect(IsRateLimited(err)).To(BeTrue())
				g.Expect(RetryAfter(err)).To(Equal(40 * time.Second))
				g.Expect(time.Since(start)).To(BeZero())
			})
		})
	}
}

func TestCallsEndInTime(t *testing.T) {
	for name, call := range apiCalls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{{status: 503, after: 20 * time.Second}, {status: 200, after: time.Hour}}}
				start := time.Now()
				err := call.do(t.Context(), s.client(t))
				g.Expect(IsUnavailable(err)).To(BeTrue())
				g.Expect(time.Since(start)).To(BeNumerically("<=", 30*time.Second))
				if call.method == http.MethodGet {
					g.Expect(Class(err)).To(Equal("timeout"))
					g.Expect(errors.Is(err, context.DeadlineExceeded)).To(BeTrue())
				}
			})
		})
	}
}

func TestACancelledReadEndsItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("1.5")}, fine}}
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		_, err := s.client(t).GetPrivateLink(ctx, project, linkID)
		g.Expect(err).To(HaveOccurred())
		g.Expect(time.Since(start)).To(Equal(time.Second))
		g.Expect(s.calls()).To(Equal(1))
	})
}

func TestRetryAfterIsRead(t *testing.T) {
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "5": 5 * time.Second, "1.5": 1500 * time.Millisecond, "-3": 0, "soon": 0, "NaN": 0, "1e300": longestPause, "Inf": longestPause,
		"Tue, 01 Sep 2026 12:00:30 GMT": 30 * time.Second, "Tue, 01 Sep 2026 11:00:00 GMT": 0, "Wed, 01 Sep 2027 12:00:00 GMT": longestPause,
	} {
		NewWithT(t).Expect(retryAfter(retryIn(value), "", nil, now)).To(Equal(want), value)
	}
	g := NewWithT(t)
	g.Expect(retryAfter(http.Header{}, codeTokenBucket, []text{"/p", "4"}, now)).To(Equal(4 * time.Second))
	g.Expect(retryAfter(http.Header{}, codeTokenBucket, []text{"/p"}, now)).To(BeZero())
	// The numbers of this error are calls and minutes, not a delay.
	g.Expect(retryAfter(http.Header{}, "RATE_LIMITED", []text{"/api/oauth/token", "10", "1"}, now)).To(BeZero())
}
