package atlas

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestCloseRevokesTheToken(t *testing.T) {
	for name, tc := range map[string]struct {
		used   bool
		status int
		calls  int
	}{
		"never used": {false, 200, 0}, "used": {true, 200, 1}, "no body": {true, 204, 1}, "refused": {true, 503, 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var forms, users []string
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/oauth/revoke" {
					answer(w, 200, `{"_id":"x"}`)
					return
				}
				body, _ := io.ReadAll(r.Body)
				user, secret, _ := r.BasicAuth()
				forms, users = append(forms, r.Method+" "+string(body)), append(users, user+" "+secret)
				w.WriteHeader(tc.status)
			})
			c := f.client(t)
			if tc.used {
				_, err := c.GetPrivateLink(t.Context(), project, linkID)
				g.Expect(err).NotTo(HaveOccurred())
			}
			err := c.Close(t.Context())
			g.Expect(err != nil).To(Equal(tc.status >= 300))
			g.Expect(c.Close(t.Context())).To(Succeed(), "once more does nothing")
			g.Expect(forms).To(HaveLen(tc.calls))
			for i := range forms {
				g.Expect(forms[i]).To(Equal("POST token=token-1&token_type_hint=access_token"))
				g.Expect(users[i]).To(Equal("mdb_sa_id_1 planted-client-secret"))
			}
		})
	}
}

func TestCloseWaitsForATokenInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}, token: func(n int) step { st := tokenStep(n); st.after = 5 * time.Second; return st }}
		c := s.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.GetPrivateLink(ctx, project, linkID)
		g.Expect(err).To(HaveOccurred())
		g.Expect(s.calls()).To(BeZero())
		g.Expect(c.Close(t.Context())).To(Succeed())
		g.Expect(s.calls()).To(Equal(1), "the revocation")
		g.Expect(s.tokenCalls()).To(Equal(1))
	})
}

func TestCloseDoesNotOutliveItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine, {status: 200, after: time.Hour}}}
		c := s.client(t)
		_, err := c.GetPrivateLink(t.Context(), project, linkID)
		g.Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		g.Expect(errors.Is(c.Close(ctx), context.DeadlineExceeded)).To(BeTrue())
		g.Expect(time.Since(start)).To(Equal(2 * time.Second))
	})
}
