package lifecycle

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestLocksSerialiseOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLocks()
		var inside, most, total atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				release, err := l.acquire(t.Context(), "workspace a", 1)
				if err != nil {
					t.Error(err)
					return
				}
				defer release()
				most.Store(max(most.Load(), inside.Add(1)))
				time.Sleep(time.Second)
				inside.Add(-1)
				total.Add(1)
			})
		}
		began := time.Now()
		wg.Wait()
		g := NewWithT(t)
		g.Expect(most.Load()).To(Equal(int32(1)))
		g.Expect(total.Load()).To(Equal(int32(20)))
		g.Expect(time.Since(began)).To(Equal(20 * time.Second))
		g.Expect(l.held).To(BeEmpty(), "nothing is kept of locks that nobody holds")
	})
}

func TestLocksOfOtherKeysDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLocks()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				release, err := l.acquire(t.Context(), fmt.Sprint("workspace ", i), 1)
				if err != nil {
					t.Error(err)
					return
				}
				defer release()
				time.Sleep(time.Second)
			})
		}
		began := time.Now()
		wg.Wait()
		NewWithT(t).Expect(time.Since(began)).To(Equal(time.Second))
	})
}

func TestLockIsNotWaitedForPastTheContext(t *testing.T) {
	g := NewWithT(t)
	l := newLocks()
	release, err := l.acquire(t.Context(), "a", 1)
	g.Expect(err).NotTo(HaveOccurred())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.acquire(ended, "a", 1)
	g.Expect(err).To(MatchError(context.Canceled))
	release()
	again, err := l.acquire(t.Context(), "a", 1)
	g.Expect(err).NotTo(HaveOccurred(), "who gave up does not keep it")
	again()
	g.Expect(l.held).To(BeEmpty())
}
