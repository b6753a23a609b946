package atlas

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestAReservationDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		// 5 of 40 are left: one may start, the others are spare.
		s := &script{steps: []step{left("5"), left("4")}}
		c := s.client(t)
		g.Expect(update(t.Context(), c, project)).To(Succeed())
		reservation, err := c.Reserve(t.Context(), project)
		g.Expect(err).NotTo(HaveOccurred())
		defer reservation.Release()
		start := time.Now()
		ctx := WithReservation(t.Context(), reservation)
		g.Expect(update(ctx, c, project)).To(Succeed())
		g.Expect(time.Since(start)).To(BeZero())
		g.Expect(update(ctx, c, project)).To(Succeed())
		g.Expect(time.Since(start)).To(BeNumerically(">", 0), "it serves once")
	})
}

func TestAReservationCountsAsInFlight(t *testing.T) {
	for name, tc := range map[string]struct {
		release bool
		waits   bool
	}{"held": {false, true}, "released": {true, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				s := &script{steps: []step{left("5"), left("4")}}
				c := s.client(t)
				g.Expect(update(t.Context(), c, project)).To(Succeed())
				reservation, err := c.Reserve(t.Context(), project)
				g.Expect(err).NotTo(HaveOccurred())
				if tc.release {
					reservation.Release()
					reservation.Release()
				}
				start := time.Now()
				g.Expect(update(t.Context(), c, project)).To(Succeed())
				waited := time.Since(start) > 0
				g.Expect(waited).To(Equal(tc.waits))
				reservation.Release()
			})
		})
	}
}

func TestAReservationServesOnlyItsOwnCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{left("30"), left("30"), left("4")}}
		c, other := s.client(t), s.client(t)
		reservation, err := c.Reserve(t.Context(), project)
		g.Expect(err).NotTo(HaveOccurred())
		ctx := WithReservation(t.Context(), reservation)
		_, err = collect(c.ListPrivateEndpointServices(ctx, project, "AWS"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(update(ctx, other, project)).To(Succeed())
		time.Sleep(probeTime)
		g.Expect(update(ctx, c, otherProject)).To(Succeed())

		start := time.Now()
		g.Expect(update(ctx, c, project)).To(Succeed())
		g.Expect(time.Since(start)).To(BeZero(), "it was still there, though nothing else may start now")
		g.Expect(update(ctx, c, project)).To(Succeed())
		g.Expect(time.Since(start)).NotTo(BeZero())

		var none *Reservation
		none.Release()
		g.Expect(update(WithReservation(t.Context(), none), c, project)).To(Succeed())
	})
}

func TestPauseDelaysReservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 429, header: retryIn("1")}, fine}}
		c := s.client(t)
		reservation, err := c.Reserve(t.Context(), project)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(update(t.Context(), c, project)).NotTo(Succeed())
		start := time.Now()
		g.Expect(update(WithReservation(t.Context(), reservation), c, project)).To(Succeed())
		g.Expect(time.Since(start)).To(Equal(time.Second))
	})
}

func TestAReservationServesOneExchangeOfACall(t *testing.T) {
	g := NewWithT(t)
	var infos []CallInfo
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`)
			answer(w, 401, "")
			return
		}
		answer(w, 200, `{"_id":"x"}`)
	})
	c := apiKeyClient(t, f, func(o *Options) { o.Observe = func(i CallInfo) { infos = append(infos, i) } })
	reservation, err := c.Reserve(t.Context(), project)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(update(WithReservation(t.Context(), reservation), c, project)).To(Succeed())
	g.Expect(infos).To(HaveLen(2))
}

func TestAClosedClientGivesNoReservation(t *testing.T) {
	g := NewWithT(t)
	s := &script{steps: []step{fine}}
	c := s.client(t)
	g.Expect(c.Close(t.Context())).To(Succeed())
	_, err := c.Reserve(t.Context(), project)
	g.Expect(err).To(MatchError(ErrClosed))
}
