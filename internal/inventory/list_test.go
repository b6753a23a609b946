package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
)

func TestConcurrentReadsShareOneCall(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b")
	hold := make(chan struct{})
	s.answerWith(func(http.ResponseWriter, string) bool { <-hold; return false })
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			snapshot, err := s.links.Read(t.Context(), s.fresh())
			if err != nil || len(ids(snapshot)) != 2 {
				t.Errorf("read %v, %v", snapshot, err)
			}
		})
	}
	g.Eventually(s.count).Should(Equal(1))
	close(hold)
	wg.Wait()
	g.Expect(s.count()).To(Equal(1))
}

func TestNotBefore(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	first, err := s.links.Read(t.Context(), inventory.ReadOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.Begun).To(Equal(s.clock.Now()))
	g.Expect(ids(first)).To(ConsistOf("a"))

	s.set("a", "b")
	s.clock.Step(10 * time.Second)
	again, err := s.links.Read(t.Context(), inventory.ReadOptions{NotBefore: first.Begun})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again.Begun).To(Equal(first.Begun), "old enough is good enough")
	g.Expect(s.count()).To(Equal(1))

	newer, err := s.links.Read(t.Context(), inventory.ReadOptions{NotBefore: first.Begun.Add(time.Nanosecond)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(newer.Begun).To(Equal(s.clock.Now()))
	g.Expect(ids(newer)).To(ConsistOf("a", "b"))
	g.Expect(s.count()).To(Equal(2))
}

func TestCallInFlightIsTooOldForLaterRead(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	hold := make(chan struct{})
	s.answerWith(func(http.ResponseWriter, string) bool { <-hold; return false })
	early := make(chan time.Time, 1)
	began := s.clock.Now()
	go func() {
		snapshot, _ := s.links.Read(t.Context(), s.fresh())
		early <- snapshot.Begun
	}()
	g.Eventually(s.count).Should(Equal(1))
	s.clock.Step(time.Second)
	late := make(chan time.Time, 1)
	needed := s.fresh()
	go func() {
		snapshot, _ := s.links.Read(t.Context(), needed)
		late <- snapshot.Begun
	}()
	g.Consistently(s.count, "50ms").Should(Equal(1), "one call at a time")
	close(hold)
	g.Eventually(early).Should(Receive(BeTemporally(">=", began)))
	g.Eventually(late).Should(Receive(Equal(needed.NotBefore)))
	g.Expect(s.count()).To(Equal(2))
}

func TestCancelledReaderDoesNotCancelTheCall(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	hold := make(chan struct{})
	s.answerWith(func(http.ResponseWriter, string) bool { <-hold; return false })
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := s.links.Read(ctx, s.fresh())
		gaveUp <- err
	}()
	g.Eventually(s.count).Should(Equal(1))
	waits := make(chan error, 1)
	go func() {
		_, err := s.links.Read(t.Context(), s.fresh())
		waits <- err
	}()
	cancel()
	g.Eventually(gaveUp).Should(Receive(MatchError(context.Canceled)))
	close(hold)
	g.Eventually(waits).Should(Receive(Not(HaveOccurred())))
	g.Expect(s.count()).To(Equal(1))
}

func TestFailedPageFailsTheList(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "old")
	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	page := make([]string, 0, 500)
	for i := range 500 {
		page = append(page, fmt.Sprintf(`{"_id":"%d"}`, i))
	}
	s.answerWith(func(w http.ResponseWriter, number string) bool {
		if number == "1" {
			_, _ = fmt.Fprintf(w, `{"results":[%s]}`, strings.Join(page, ","))
			return true
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `{"errorCode":"NO"}`)
		return true
	})
	s.clock.Step(time.Hour)
	snapshot, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	g.Expect(ids(snapshot)).To(BeEmpty())
	old, err := s.links.Read(t.Context(), inventory.ReadOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(old)).To(ConsistOf("old"), "the last complete list stays")
}

func TestAFailedListPauses(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.fail(http.StatusForbidden)
	var pauses []time.Duration
	for i := range 12 {
		_, err := s.links.Read(t.Context(), s.fresh())
		paused, ok := errors.AsType[*inventory.PausedError](err)
		g.Expect(ok).To(BeTrue(), "%v", err)
		g.Expect(atlas.IsForbidden(err)).To(BeTrue(), "the failure itself stays to be seen")
		g.Expect(s.count()).To(Equal(i + 1))
		pause := paused.RetryAt.Sub(s.clock.Now())
		pauses = append(pauses, pause)

		s.clock.Step(pause - time.Millisecond)
		_, again := s.links.Read(t.Context(), s.fresh())
		g.Expect(again).To(HaveOccurred())
		g.Expect(s.count()).To(Equal(i+1), "not asked again before its time")
		s.clock.Step(time.Millisecond)
	}
	want := time.Second
	for _, pause := range pauses {
		g.Expect(pause).To(And(BeNumerically(">=", want), BeNumerically("<=", want*12/10+time.Nanosecond)), "%v", pauses)
		want = min(2*want, time.Minute)
	}

	s.answerWith(nil)
	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	s.fail(http.StatusForbidden)
	s.clock.Step(time.Hour)
	_, err = s.links.Read(t.Context(), s.fresh())
	paused, _ := errors.AsType[*inventory.PausedError](err)
	g.Expect(paused.RetryAt.Sub(s.clock.Now())).To(BeNumerically("<=", 1200*time.Millisecond), "a success starts the pauses anew")
}

func TestNowDoesNotWaitForThePause(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.fail(http.StatusForbidden)
	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	s.answerWith(nil)
	_, err = s.links.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	opts := s.fresh()
	opts.Now = true
	snapshot, err := s.links.Read(t.Context(), opts)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(snapshot)).To(ConsistOf("a"))
}

func TestNowMakesOneCall(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.fail(http.StatusForbidden)
	opts := s.fresh()
	opts.Now = true
	_, err := s.links.Read(t.Context(), opts)
	g.Expect(err).To(HaveOccurred())
	g.Expect(s.count()).To(Equal(1), "and does not retry")
}

func TestRetryAfterIsHonoured(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.fail(http.StatusTooManyRequests, "Retry-After", "90")
	_, err := s.links.Read(t.Context(), s.fresh())
	paused, ok := errors.AsType[*inventory.PausedError](err)
	g.Expect(ok).To(BeTrue(), "%v", err)
	g.Expect(paused.RetryAt.Sub(s.clock.Now())).To(BeNumerically(">=", 90*time.Second))
	g.Expect(atlas.IsRateLimited(err)).To(BeTrue())
}

// A maintenance page may ask for a year.
func TestPauseOfAListIsBounded(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.fail(http.StatusServiceUnavailable, "Retry-After", "31536000")
	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	s.answerWith(nil)
	s.clock.Step(15 * time.Minute)
	g.Expect(s.read(t, s.fresh())).To(HaveKey("a"))
}

func TestForcedReadsShareAFailedCall(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	hold := make(chan struct{})
	s.answerWith(func(w http.ResponseWriter, _ string) bool {
		<-hold
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `{"errorCode":"NO"}`)
		return true
	})
	opts := s.fresh()
	opts.Now = true
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _, _ = s.links.Read(t.Context(), opts) })
	}
	g.Eventually(s.count).Should(Equal(1))
	g.Consistently(s.count, "50ms").Should(Equal(1), "the others wait")
	close(hold)
	wg.Wait()
	g.Expect(s.count()).To(Equal(1))
}

func TestARoutineReadProvesNoAbsence(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	page := make([]string, 0, 500)
	for i := range 500 {
		page = append(page, fmt.Sprintf(`{"_id":"%d"}`, i))
	}
	s.answerWith(func(w http.ResponseWriter, number string) bool {
		results := ""
		if number == "1" {
			results = strings.Join(page, ",")
		}
		_, _ = fmt.Fprintf(w, `{"results":[%s],"totalCount":500}`, results)
		return true
	})
	routine := inventory.ReadOptions{NotBefore: s.clock.Now(), Routine: true}
	g.Expect(s.read(t, routine)).To(HaveLen(500))
	g.Expect(s.count()).To(Equal(1), "Atlas's count is believed")
	g.Expect(s.read(t, routine)).To(HaveLen(500))
	g.Expect(s.count()).To(Equal(1))
	g.Expect(s.read(t, s.fresh())).To(HaveLen(500))
	g.Expect(s.count()).To(Equal(3), "to the first page that is not full")
	s.read(t, routine)
	g.Expect(s.count()).To(Equal(3), "a list to the end does for both")
}
