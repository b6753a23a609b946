package atlas

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// noToken is Atlas's response to an invalid token, without an errorCode, as until 2026.
const noToken = `{"error":401,"reason":"Unauthorized","detail":"no"}`

func TestTokenRequest(t *testing.T) {
	g := NewWithT(t)
	var form, accept, contentType, id, secret string
	f := serve(t, always(200, `{"_id":"x"}`))
	f.token = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, accept, contentType = string(body), r.Header.Get("Accept"), r.Header.Get("Content-Type")
		id, secret, _ = r.BasicAuth()
		answer(w, 200, `{"access_token":"abc","token_type":"Bearer","expires_in":3600}`)
	}
	c := f.client(t)
	for range 5 {
		_, err := c.GetPrivateLink(t.Context(), project, linkID)
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(f.tokenCalls()).To(Equal(1))
	g.Expect(form).To(Equal("grant_type=client_credentials"))
	g.Expect(accept).To(Equal("application/json"))
	g.Expect(contentType).To(Equal("application/x-www-form-urlencoded"))
	g.Expect(id).To(Equal(account.ID))
	g.Expect(secret).To(Equal(account.Secret.Reveal()))
	g.Expect(f.seen()[4].Header.Get("Authorization")).To(Equal("Bearer abc"))
}

func TestOneTokenForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step { st := tokenStep(n); st.after = time.Second; return st }}
		c := s.client(t)
		getAtOnce(t, c, 50)
		g.Expect(s.tokenCalls()).To(Equal(1))
		g.Expect(s.calls()).To(Equal(50))
	})
}

func TestCancelledCallerDoesNotCancelTheTokenFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step { st := tokenStep(n); st.after = 10 * time.Second; return st }}
		c := s.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()

		var first, second error
		var both sync.WaitGroup
		both.Go(func() { _, first = c.CreatePrivateLink(ctx, project, linkRequest) })
		synctest.Wait() // the first one has started the fetch
		both.Go(func() { _, second = c.CreatePrivateLink(t.Context(), project, linkRequest) })
		both.Wait()

		g.Expect(second).NotTo(HaveOccurred())
		g.Expect(time.Since(start)).To(Equal(10 * time.Second))
		g.Expect(errors.Is(first, context.DeadlineExceeded)).To(BeTrue())
		g.Expect(IsUnavailable(first)).To(BeTrue())
		g.Expect(IsOutcomeUnknown(first)).To(BeFalse(), "nothing was sent")
		g.Expect(s.tokenCalls()).To(Equal(1))
		g.Expect(s.calls()).To(Equal(1))
	})
}

func TestTokenIsRefreshedEarlyInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step {
			st := tokenStep(n)
			if n > 1 {
				st.after = 5 * time.Second
			}
			return st
		}}
		c := s.client(t)
		get := func() time.Duration {
			start := time.Now()
			_, err := c.GetPrivateLink(t.Context(), project, linkID)
			g.Expect(err).NotTo(HaveOccurred())
			return time.Since(start)
		}
		get()
		time.Sleep(40*time.Minute - time.Second)
		get()
		g.Expect(s.tokenCalls()).To(Equal(1))
		time.Sleep(time.Second) // two thirds of an hour
		for range 3 {
			g.Expect(get()).To(BeZero(), "nobody waits while the old token is good")
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		get()
		g.Expect(s.tokenCalls()).To(Equal(2))
		g.Expect(s.auths).To(Equal([]string{
			"Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2",
		}))
	})
}

func TestTokenIsUsedUntilItExpiresWhileRefreshFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step {
			if n == 1 {
				return tokenStep(1)
			}
			return step{status: 503}
		}}
		c := s.client(t)
		start := time.Now()
		for time.Since(start) < 59*time.Minute {
			_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).NotTo(HaveOccurred(), "%s", time.Since(start))
			time.Sleep(time.Second)
		}
		g.Expect(s.tokenCalls()).To(BeNumerically("<", 60), "a failing refresh is tried ever more rarely")
		time.Sleep(time.Minute)
		_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
		g.Expect(Class(err)).To(Equal("HTTP 503"))
		g.Expect(IsUnavailable(err)).To(BeTrue())
		g.Expect(IsOutcomeUnknown(err)).To(BeFalse(), "nothing was sent")
	})
}

func TestTokenFailuresAreTyped(t *testing.T) {
	limit := "Access Token limit reached"
	for name, tc := range map[string]struct {
		step  step
		is    []string
		class string
	}{
		"bad client":        {step{status: 401, body: `{"error":"invalid_client","error_description":"no"}`}, []string{"Unauthorized"}, "HTTP 401 invalid_client"},
		"bad client as 400": {step{status: 400, body: `{"error":"invalid_client"}`}, []string{"Unauthorized"}, "HTTP 400 invalid_client"},
		"Atlas's own 401":   {step{status: 401, body: refusal(401, "UNAUTHORIZED", "d")}, []string{"Unauthorized"}, "HTTP 401 UNAUTHORIZED"},
		"too many tokens":   {step{status: 403, body: `{"error":"access_denied","error_description":"` + limit + `"}`}, []string{"Forbidden"}, "HTTP 403 access_denied"},
		"too often": {
			step{status: 429, header: retryIn("33"), body: refusal(429, "RATE_LIMITED", "d", "/api/oauth/token", 10, 1)},
			[]string{"RateLimited"}, "HTTP 429 RATE_LIMITED",
		},
		"no such endpoint":   {step{status: 404, body: "<html>"}, []string{"Foreign"}, "HTTP 404"},
		"401 page":           {step{status: 401, body: "<html>"}, []string{"Foreign"}, "HTTP 401"},
		"401 with nothing":   {step{status: 401}, []string{"Foreign"}, "HTTP 401"},
		"403 page":           {step{status: 403, body: "<html>"}, []string{"Foreign"}, "HTTP 403"},
		"403 of other JSON":  {step{status: 403, body: `{"error":403}`}, []string{"Foreign"}, "HTTP 403"},
		"401 without a code": {step{status: 401, body: `{"error":401,"reason":"Unauthorized"}`}, []string{"Unauthorized"}, "HTTP 401"},
		"404 of Atlas":       {step{status: 404, body: refusal(404, "GROUP_NOT_FOUND", "d")}, []string{"Foreign"}, "HTTP 404 GROUP_NOT_FOUND"},
		"conflict":           {step{status: 409, body: refusal(409, "X_ALREADY_EXISTS", "d")}, nil, "HTTP 409 X_ALREADY_EXISTS"},
		"down":               {step{status: 503}, []string{"Unavailable"}, "HTTP 503"},
		"redirect":           {step{status: 302}, []string{"Unavailable"}, "HTTP 302"},
		"no network":         {step{err: io.EOF}, []string{"Unavailable"}, "connection cut"},
		"a page":             {step{status: 200, body: "<html>"}, []string{"Unavailable"}, "not JSON"},
		"without the token":  {step{status: 200, body: `{"expires_in":3600}`}, []string{"Unavailable"}, "unexpected JSON"},
		"a token that is no": {step{status: 200, body: `{"access_token":null}`}, []string{"Unavailable"}, "unexpected JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{fine}, token: func(int) step { return tc.step }}
				_, err := s.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
				g.Expect(judge(err)).To(ConsistOf(tc.is))
				g.Expect(Class(err)).To(Equal(tc.class))
				g.Expect(err.Error()).To(HavePrefix("CreatePrivateLink: FetchToken: "))
				g.Expect(s.calls()).To(BeZero())
				g.Expect(s.tokenCalls()).To(Equal(1))
				if tc.step.status == 429 {
					g.Expect(RetryAfter(err)).To(Equal(33 * time.Second))
				}
			})
		})
	}
}

func TestInvalidClientMakesFewTokenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(int) step { return step{status: 401, body: `{"error":"invalid_client"}`} }}
		c := s.client(t)
		for range 1000 {
			_, err := c.GetPrivateLink(t.Context(), project, linkID)
			g.Expect(IsUnauthorized(err)).To(BeTrue())
			time.Sleep(60 * time.Millisecond)
		}
		g.Expect(s.tokenCalls()).To(BeNumerically("<=", 10), "in a minute")
		s.token = nil
		time.Sleep(maxHold)
		_, err := c.GetPrivateLink(t.Context(), project, linkID)
		g.Expect(err).NotTo(HaveOccurred())
	})
}

func TestRateLimitOfTheTokenEndpointIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step {
			if n == 1 {
				return step{status: 429, header: retryIn("45")}
			}
			return tokenStep(n)
		}}
		c := s.client(t)
		for range 44 {
			_, err := c.GetPrivateLink(t.Context(), project, linkID)
			g.Expect(IsRateLimited(err)).To(BeTrue())
			time.Sleep(time.Second)
		}
		g.Expect(s.tokenCalls()).To(Equal(1))
		time.Sleep(time.Second)
		_, err := c.GetPrivateLink(t.Context(), project, linkID)
		g.Expect(err).NotTo(HaveOccurred())
	})
}

// A maintenance page may ask for a day. The operator must not be dead for as long once Atlas is back.
func TestOutageOfTheTokenEndpointIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step {
			if n == 1 {
				return step{status: 503, header: retryIn("86400")}
			}
			return tokenStep(n)
		}}
		c := s.client(t)
		g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
		time.Sleep(longestPause)
		g.Expect(update(t.Context(), c, project)).To(Succeed())
	})
}

func TestReadsSurviveAFailingTokenEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step {
			if n == 1 {
				return step{status: 503}
			}
			return tokenStep(n)
		}}
		_, err := s.client(t).GetPrivateLink(t.Context(), project, linkID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(s.tokenCalls()).To(Equal(2))
	})
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	for name, call := range apiCalls {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "Bearer token-1" {
					answer(w, 401, refusal(401, "UNAUTHORIZED", "expired"))
					return
				}
				answer(w, 200, call.reply)
			})
			g.Expect(call.do(t.Context(), f.client(t))).To(Succeed())
			g.Expect(f.tokenCalls()).To(Equal(2))
			g.Expect(f.seen()).To(HaveLen(2))
			g.Expect(f.seen()[1].Body).To(Equal(f.seen()[0].Body), "the body goes out again")
			g.Expect(f.seen()[1].Header.Get("Authorization")).To(Equal("Bearer token-2"))
		})
	}
}

// The second call gets its 401 late and finds a new token.
func TestALateRefusalDoesNotDropTheNewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken, after: 5 * time.Second}, {status: 401, body: noToken}, fine}}
		c := s.client(t)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := c.CreatePrivateLink(t.Context(), project, linkRequest); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		g.Expect(s.tokenCalls()).To(Equal(2))
		g.Expect(s.auths).To(Equal([]string{"Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"}))
		for _, body := range s.bodies {
			g.Expect(body).To(MatchJSON(`{"provider":"AWS","region":"us-east-1"}`))
		}
	})
}

func TestARevokedTokenIsReplacedOnceForAll(t *testing.T) {
	g := NewWithT(t)
	var mu sync.Mutex
	revoked := false
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if revoked && r.Header.Get("Authorization") == "Bearer token-1" {
			answer(w, 401, refusal(401, "UNAUTHORIZED", "revoked"))
			return
		}
		answer(w, 200, `{"_id":"x"}`)
	})
	c := f.client(t)
	_, err := c.GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).NotTo(HaveOccurred())
	mu.Lock()
	revoked = true
	mu.Unlock()
	getAtOnce(t, c, 20)
	g.Expect(f.tokenCalls()).To(Equal(2))
}

// Atlas returns 401 for a project of another organisation and limits the number of tokens per account.
func TestRejectedProjectDoesNotExhaustTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}}
		c := s.client(t)
		for range 100 {
			_, err := c.GetPrivateLink(t.Context(), project, linkID)
			g.Expect(IsUnauthorized(err)).To(BeTrue())
			time.Sleep(time.Second)
		}
		g.Expect(s.tokenCalls()).To(Equal(2))
		g.Expect(s.calls()).To(Equal(101))

		_, err := c.GetPrivateLink(t.Context(), strings.Repeat("f", 24), linkID)
		g.Expect(IsUnauthorized(err)).To(BeTrue())
		g.Expect(s.tokenCalls()).To(Equal(3), "another project has its own try")

		time.Sleep(noUseHold)
		_, err = c.GetPrivateLink(t.Context(), project, linkID)
		g.Expect(IsUnauthorized(err)).To(BeTrue())
		g.Expect(s.tokenCalls()).To(Equal(4), "in time it is tried again")
	})
}

// The 401 of a proxy or for a missing role does not mean that the token is invalid.
func TestTokenIsKeptAfterUnrelated401(t *testing.T) {
	for name, body := range map[string]string{
		"page": "<html>", "nothing": "", "no role": refusal(401, "USER_UNAUTHORIZED", "d"), "no project": refusal(401, "USER_CANNOT_ACCESS_GROUP", "d"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{{status: 401, body: body}, {status: 401, body: body}, fine}}
				c := s.client(t)
				g.Expect(IsUnauthorized(get(t.Context(), c, project))).To(BeFalse())
				g.Expect(IsUnauthorized(update(t.Context(), c, project))).To(BeFalse())
				g.Expect(s.calls()).To(Equal(2), "no call was made twice")
				g.Expect(get(t.Context(), c, project)).To(Succeed())
				g.Expect(s.tokenCalls()).To(Equal(1))
			})
		})
	}
}

func TestFailedTokenReplacementIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}, token: func(n int) step {
			if n == 1 {
				return tokenStep(1)
			}
			return step{status: 429, header: retryIn("20")}
		}}
		_, err := s.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
		g.Expect(judge(err)).To(ConsistOf("RateLimited"))
		g.Expect(s.calls()).To(Equal(1))
	})
}

func TestTokenLife(t *testing.T) {
	asked := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for expiresIn, want := range map[string][2]time.Duration{
		"3600": {40 * time.Minute, time.Hour - 10*time.Second},
		"30":   {20 * time.Second, 27 * time.Second},
		"":     {40 * time.Minute, time.Hour - 10*time.Second},
		"-1":   {40 * time.Minute, time.Hour - 10*time.Second},
		"x":    {40 * time.Minute, time.Hour - 10*time.Second},
		"NaN":  {40 * time.Minute, time.Hour - 10*time.Second},
		"1e99": {16 * time.Hour, 24*time.Hour - 10*time.Second},
	} {
		g := NewWithT(t)
		got := newToken(NewSecret("t"), expiresIn, asked)
		g.Expect(got.refreshAt.Sub(asked)).To(Equal(want[0]), expiresIn)
		g.Expect(got.expiresAt.Sub(asked)).To(Equal(want[1]), expiresIn)
	}
}
