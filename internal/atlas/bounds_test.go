package atlas

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// Atlas lets an account have 100 tokens: made-up projects must not use them up, and not fill the memory.
func TestRefusedProjectsUseUpFewTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{{status: 401, body: noToken}}}
		c := s.client(t)
		for i := range 3 * maxUseless {
			g.Expect(IsUnauthorized(get(t.Context(), c, fmt.Sprint("made-up-", i)))).To(BeTrue())
		}
		g.Expect(c.tokens.useless).To(HaveLen(maxUseless))
		g.Expect(s.tokenCalls()).To(Equal(1 + maxUseless))

		time.Sleep(noUseHold)
		g.Expect(IsUnauthorized(get(t.Context(), c, project))).To(BeTrue())
		g.Expect(c.tokens.useless).To(HaveLen(1))
	})
}

func TestBucketsOfIdleProjectsAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := &script{steps: []step{fine}}
		c := s.client(t)
		set := c.limiter.streams
		set.apart = true
		busy := set.bucket("busy")
		g.Expect(busy.reserve(t.Context(), PriorityWrite, 0)).To(Succeed())
		for i := range 4 * maxBuckets {
			g.Expect(get(t.Context(), c, fmt.Sprint("made-up-", i))).To(Succeed())
			if i%maxBuckets == 0 {
				time.Sleep(bucketRest)
			}
		}
		g.Expect(len(set.projects)).To(BeNumerically("<=", maxBuckets))
		g.Expect(set.bucket("busy")).To(BeIdenticalTo(busy), "it has a place reserved")
	})
}

// Where no bucket can be dropped, others share the common one.
func TestBusyBucketsAreBoundedToo(t *testing.T) {
	g := NewWithT(t)
	set := newRateSet()
	set.apart = true
	for i := range 2 * maxBuckets {
		g.Expect(set.bucket(fmt.Sprint("busy-", i)).reserve(t.Context(), PriorityWrite, 0)).To(Or(Succeed(), HaveOccurred()))
	}
	g.Expect(set.projects).To(HaveLen(maxBuckets))
	g.Expect(set.bucket("one more")).To(BeIdenticalTo(set.common))
}
