package atlas

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestCallThatWouldWaitTooLongIsNotSent(t *testing.T) {
	for name, tc := range map[string]struct {
		pause  string
		within time.Duration
		call   func(context.Context, *Client, string) error
	}{
		"a write": {"60", time.Hour, update}, "a read": {"60", time.Hour, get}, "beyond the deadline": {"2", time.Second, get}, "a short pause": {"3", time.Hour, get},
		"a reservation": {"60", time.Hour, func(ctx context.Context, c *Client, projectID string) error {
			_, err := c.Reserve(ctx, projectID)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{{status: 429, header: retryIn(tc.pause)}, fine}}
				c := s.client(t)
				g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
				ctx, cancel := context.WithTimeout(t.Context(), tc.within)
				defer cancel()
				start := time.Now()
				err := tc.call(ctx, c, project)
				g.Expect(time.Since(start)).To(BeZero())
				g.Expect(IsRateLimited(err)).To(BeTrue(), "%v", err)
				g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
				g.Expect(IsUnavailable(err)).To(BeFalse())
				g.Expect(fmt.Sprint(RetryAfter(err).Seconds())).To(Equal(tc.pause))
				g.Expect(Class(err)).To(Equal("rate limit, not sent"))
				g.Expect(err).To(MatchError(ContainSubstring("not sent, to keep within Atlas's rate limit")))
				g.Expect(s.calls()).To(Equal(1))

				time.Sleep(RetryAfter(err))
				g.Expect(get(t.Context(), c, project)).To(Succeed())
			})
		})
	}
}

func TestCallsThatWaitTooLongFailInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := drained(t, refusal(429, codeTokenBucket, "d", "/path", 1, 40, 1, 1))
		var mu sync.Mutex
		var served int
		var returns []time.Duration
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				start := time.Now()
				err := update(t.Context(), c, project)
				mu.Lock()
				defer mu.Unlock()
				g.Expect(time.Since(start)).To(BeNumerically("<=", longestWait))
				if err == nil {
					served++
					return
				}
				returns = append(returns, time.Since(start)+RetryAfter(err))
			})
		}
		wg.Wait()
		g.Expect(served).To(BeNumerically(">", 0))
		g.Expect(returns).NotTo(BeEmpty())
		slices.Sort(returns)
		g.Expect(slices.Compact(slices.Clone(returns))).To(HaveLen(len(returns)), "held-back calls return at different times: %v", returns)
	})
}

// drained returns a client whose last response had this body and reported an empty bucket. Later ones report 4 remaining calls.
func drained(t *testing.T, body string) *Client {
	t.Helper()
	refused := step{status: 429, body: body, header: http.Header{"Ratelimit-Limit": {"40"}, "Ratelimit-Remaining": {"0"}}}
	s := &script{steps: []step{refused, left("4")}}
	c := s.client(t)
	NewWithT(t).Expect(IsRateLimited(update(t.Context(), c, project))).To(BeTrue())
	return c
}

func TestWritesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := drained(t, refusal(429, codeTokenBucket, "d", "/path", 0.5, 40, 10, 1))
		var mu sync.Mutex
		var order []string
		done := func(name string, err error) {
			mu.Lock()
			defer mu.Unlock()
			g.Expect(err).NotTo(HaveOccurred())
			order = append(order, name)
		}
		list := func(ctx context.Context) error {
			_, err := collect(c.ListPrivateLinks(ctx, project, nil))
			return err
		}
		var wg sync.WaitGroup
		start := func(name string, call func() error) {
			wg.Go(func() { done(name, call()) })
			synctest.Wait()
		}
		ctx := t.Context()
		start("list", func() error { return list(ctx) })
		start("read", func() error { return get(ctx, c, project) })
		start("write 1", func() error { return update(ctx, c, project) })
		start("write 2", func() error { return update(ctx, c, project) })
		wg.Wait()
		g.Expect(order).To(Equal([]string{"write 1", "write 2", "read", "list"}))
	})
}

func TestACancelledCallLeavesTheQueueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("1.5")}, fine}}
		c := s.client(t)
		g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := update(ctx, c, project)
		g.Expect(Class(err)).To(Equal("cancelled"))
		g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
		g.Expect(time.Since(start)).To(Equal(time.Second))
		g.Expect(s.calls()).To(Equal(1))
		g.Expect(update(t.Context(), c, project)).To(Succeed())
	})
}

func TestWritesDoNotStarveLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		server := &limited{rate: 20, burst: 40, shared: true, latency: 20 * time.Millisecond}
		c := server.client(t)
		s := &storm{clients: []*Client{c}, callers: 80, calls: 1500}
		var writes sync.WaitGroup
		defer writes.Wait()
		writes.Go(func() { s.run(t) })
		time.Sleep(10 * time.Second)
		for range 15 {
			start := time.Now()
			_, err := collect(c.ListPrivateLinks(t.Context(), project, nil))
			for err != nil {
				time.Sleep(RetryAfter(err))
				_, err = collect(c.ListPrivateLinks(t.Context(), project, nil))
			}
			g.Expect(time.Since(start)).To(BeNumerically("<=", 2*longestWait))
			time.Sleep(3 * time.Second)
		}
	})
}
