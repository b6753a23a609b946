package atlas

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

const otherProject = "ffffffffffffffffffffffff"

// left is a response with the given remaining calls of 40.
func left(remaining string) step {
	return step{status: 200, body: fine.body, header: http.Header{"Ratelimit-Limit": {"40"}, "Ratelimit-Remaining": {remaining}}}
}

func get(ctx context.Context, c *Client, projectID string) error {
	_, err := c.GetPrivateLink(ctx, projectID, linkID)
	return err
}

func update(ctx context.Context, c *Client, projectID string) error {
	_, err := c.UpdatePrivateLink(ctx, projectID, linkID, "example.com")
	return err
}

func TestA429PausesTheCredential(t *testing.T) {
	bucket := refusal(429, codeTokenBucket, "d", "/path", 1.5, 40, 20, 1)
	for name, tc := range map[string]struct {
		step step
		wait time.Duration
	}{
		"header":     {step{status: 429, header: retryIn("1")}, time.Second},
		"parameters": {step{status: 429, body: bucket}, 1500 * time.Millisecond},
		"neither":    {step{status: 429}, 100 * time.Millisecond},
		"date":       {step{status: 429, header: retryIn("in two seconds")}, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				if name == "date" {
					tc.step.header = retryIn(time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat))
				}
				s := &script{steps: []step{tc.step, fine}}
				c := s.client(t)
				g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
				g.Expect(update(t.Context(), c, otherProject)).To(Succeed())
				g.Expect(s.starts[1].Sub(s.starts[0])).To(Equal(tc.wait), "for another project too")
			})
		})
	}
}

func TestA429PausesItsEndpointSetOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("60")}, fine}}
		c := s.client(t)
		g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
		_, err := collect(c.ListPrivateEndpointServices(t.Context(), project, "AWS"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(s.starts[1]).To(Equal(s.starts[0]))
	})
}

func TestCredentialsAreLimitedSeparately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("60")}, fine}}
		refused, other := s.client(t), s.client(t)
		g.Expect(update(t.Context(), refused, project)).NotTo(Succeed())
		start := time.Now()
		g.Expect(update(t.Context(), other, project)).To(Succeed())
		g.Expect(time.Since(start)).To(BeZero())
		g.Expect(IsRateLimited(update(t.Context(), refused, project))).To(BeTrue())
	})
}

func TestALongPauseIsBounded(t *testing.T) {
	for name, value := range map[string]func() string{
		"seconds": func() string { return "31536000" },
		"date":    func() string { return time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{{status: 429, header: retryIn(value())}, fine}}
				c := s.client(t)
				g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
				g.Expect(RetryAfter(update(t.Context(), c, project))).To(Equal(longestPause))
				time.Sleep(longestPause)
				g.Expect(update(t.Context(), c, project)).To(Succeed())
			})
		})
	}
}

// An overtaken response has an older value of the remaining calls.
func TestLateResponseDoesNotRaiseRemaining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		late := left("39")
		late.after = 5 * time.Second
		slow := left("3")
		slow.after = time.Second
		s := &script{steps: []step{left("39"), late, left("3"), slow}}
		c := s.client(t)
		g.Expect(update(t.Context(), c, project)).To(Succeed())
		var calls sync.WaitGroup
		defer calls.Wait()
		calls.Go(func() { g.Expect(update(t.Context(), c, project)).To(Succeed()) })
		synctest.Wait()
		time.Sleep(4900 * time.Millisecond)
		g.Expect(update(t.Context(), c, project)).To(Succeed())
		time.Sleep(100 * time.Millisecond)
		synctest.Wait() // the late response arrived
		before := s.calls()
		for range 9 {
			calls.Go(func() { _ = update(t.Context(), c, project) })
		}
		synctest.Wait()
		g.Expect(s.calls() - before).To(BeNumerically("<=", 1))
	})
}

// Whatever a response reports, calls continue, and a 429 is respected.
func TestRateLimitHeadersThatLieAreBounded(t *testing.T) {
	for name, tc := range map[string]struct{ limit, remaining string }{
		"nothing ever remains": {"40", "0"},
		"of a huge limit":      {"1000000", "0"},
		"negative":             {"40", "-1"},
		"a negative limit":     {"-40", "7"},
		"not a number":         {"NaN", "Inf"},
		"huge":                 {"40", "99999999999"},
		"beyond an integer":    {"99999999999999999999", "99999999999999999999"},
		"the largest integer":  {"9223372036854775807", "9223372036854775807"},
		"a limit of one":       {"1", "0"},
		"a limit of nothing":   {"0", "0"},
		"one header":           {"40", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				lie := step{status: 200, body: fine.body, header: http.Header{"Ratelimit-Limit": {tc.limit}, "Ratelimit-Remaining": {tc.remaining}}}
				refused := step{status: 429, header: lie.header.Clone()}
				refused.header.Set("Retry-After", "30")
				s := &script{steps: []step{lie, lie, lie, lie, lie, refused, lie}}
				c := s.client(t)
				start := time.Now()
				for s.calls() < 6 {
					if err := update(t.Context(), c, project); err != nil {
						time.Sleep(RetryAfter(err))
					}
				}
				g.Expect(time.Since(start)).To(BeNumerically("<=", 5*longestDelay+30*time.Second))
				time.Sleep(30 * time.Second)
				g.Expect(s.starts[5].Add(30 * time.Second)).NotTo(BeTemporally(">", time.Now()))
				g.Expect(update(t.Context(), c, project)).To(Or(Succeed(), Satisfy(IsRateLimited)))
			})
		})
	}
}

func TestWithoutHeadersThereIsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		slow := fine
		slow.after = 100 * time.Millisecond
		s := &script{steps: []step{fine, slow}}
		c := s.client(t)
		g.Expect(get(t.Context(), c, project)).To(Succeed())
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { _ = update(t.Context(), c, project) })
		}
		wg.Wait()
		g.Expect(time.Since(start)).To(Equal(100 * time.Millisecond))
	})
}

func TestHangingServerIsNotARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{after: time.Hour}}}
		c := s.client(t)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := update(t.Context(), c, project)
				g.Expect(IsRateLimited(err)).To(BeFalse())
				g.Expect(IsUnavailable(err)).To(BeTrue())
			})
		}
		time.Sleep(2 * probeTime)
		g.Expect(s.calls()).To(Equal(20))
		wg.Wait()
	})
}

func TestRateLimitedTokenRequestDelaysTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(int) step { return step{status: 429, header: retryIn("60")} }}
		c := s.client(t)
		for range 3 {
			err := update(t.Context(), c, project)
			g.Expect(IsRateLimited(err)).To(BeTrue())
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			time.Sleep(10 * time.Second)
		}
		g.Expect(s.tokenCalls()).To(Equal(1))
		g.Expect(s.calls()).To(BeZero())
	})
}

func TestObserveSeesTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("1")}, left("7"), fine}}
		var seen []string
		c, err := New(account, Options{BaseURL: "https://atlas.example", Transport: s, Observe: func(i CallInfo) {
			seen = append(seen, fmt.Sprint(i.EndpointSet, " ", i.StatusCode, " ", i.RateLimitRemaining, "/", i.RateLimitLimit, " ", i.Waited, " ", i.Duration))
		}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
		g.Expect(update(t.Context(), c, project)).To(Succeed())
		_, err = collect(c.ListPrivateEndpointServices(t.Context(), project, "AWS"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(seen).To(Equal([]string{
			"tokens 200 -1/-1 0s 0s", "streams 429 -1/-1 0s 0s", "streams 200 7/40 1s 0s", "privateEndpoints 200 -1/-1 0s 0s",
		}))
	})
}

func TestObserveReadsTheRateLimitHeaders(t *testing.T) {
	for name, tc := range map[string]struct {
		limit, remaining         string
		wantLimit, wantRemaining int
	}{
		"both":       {"1200", "7", 1200, 7},
		"nothing":    {"", "", -1, -1},
		"one":        {"1200", "", -1, -1},
		"the other":  {"", "7", -1, -1},
		"zero left":  {"1200", "0", 1200, 0},
		"zero limit": {"0", "0", -1, -1},
		"negative":   {"1200", "-1", -1, -1},
		"words":      {"many", "few", -1, -1},
		"more left":  {"10", "70", 10, 10},
		"draft":      {"100, 100;w=60", "50;x", 100, 50},
	} {
		g := NewWithT(t)
		header := http.Header{"Ratelimit-Limit": {tc.limit}, "Ratelimit-Remaining": {tc.remaining}}
		s := &script{steps: []step{{status: 200, body: fine.body, header: header}}}
		var seen CallInfo
		c, err := New(account, Options{BaseURL: "https://atlas.example", Transport: s, Observe: func(i CallInfo) { seen = i }})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(update(t.Context(), c, project)).To(Succeed())
		g.Expect([]int{seen.RateLimitLimit, seen.RateLimitRemaining}).To(Equal([]int{tc.wantLimit, tc.wantRemaining}), name)
	}
}

func TestLastUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}}
		c := s.client(t)
		g.Expect(time.Since(c.LastUsed())).To(BeZero(), "its making counts")
		time.Sleep(time.Hour)
		g.Expect(time.Since(c.LastUsed())).To(Equal(time.Hour))
		g.Expect(get(t.Context(), c, project)).To(Succeed())
		g.Expect(time.Since(c.LastUsed())).To(BeZero())
	})
}
