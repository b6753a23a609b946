package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

type called struct {
	name   string
	urgent bool
}

// newLimited has turns that report whom they call.
func newLimited(limit int) (*limiter, <-chan called) {
	calls := make(chan called, 100)
	return newLimiter(limit, func(name types.NamespacedName, urgent bool) { calls <- called{name.Name, urgent} }), calls
}

func named(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "shop", Name: name}
}

func TestKeyIsLimited(t *testing.T) {
	g := NewWithT(t)
	turns, calls := newLimited(2)
	g.Expect(turns.begin("slow", named("a"), true)).To(BeTrue())
	g.Expect(turns.begin("slow", named("b"), true)).To(BeTrue())
	g.Expect(turns.begin("slow", named("c"), true)).To(BeFalse())
	g.Expect(turns.begin("other", named("d"), true)).To(BeTrue(), "one place does not hold up another")

	turns.end("slow", "shop")
	g.Eventually(calls).Should(Receive(Equal(called{"c", true})))
	g.Expect(turns.begin("slow", named("e"), true)).To(BeFalse(), "the turn is kept for who was called")
	g.Expect(turns.begin("slow", named("c"), true)).To(BeTrue())
}

func TestNamespaceIsLimitedToItsShare(t *testing.T) {
	g := NewWithT(t)
	turns, calls := newLimited(2)
	taken := 0
	for i := range 100 { // made-up places
		for range 2 {
			if turns.begin(fmt.Sprint("shop/made-up-", i), named(fmt.Sprint("r", taken)), true) {
				taken++
			}
		}
	}
	g.Expect(taken).To(Equal(turns.share))
	g.Expect(taken).To(BeNumerically("<=", 2*workersPerSlot/4), "of the workers of a kind")
	other := types.NamespacedName{Namespace: "other", Name: "r"}
	g.Expect(turns.begin("other/made-up-0", other, true)).To(BeTrue(), "another namespace has its own")
	g.Expect(turns.begin("shop/late", named("late"), true)).To(BeFalse())

	turns.end("shop/made-up-0", "shop")
	g.Eventually(calls).Should(Receive(), "the turn goes to who waits at another place of the namespace")
}

func TestUrgentOnesGoFirst(t *testing.T) {
	g := NewWithT(t)
	turns, calls := newLimited(1)
	g.Expect(turns.begin("p", named("busy"), true)).To(BeTrue())
	for _, name := range []string{"poll-1", "poll-2", "poll-3"} {
		g.Expect(turns.begin("p", named(name), false)).To(BeFalse())
	}
	g.Expect(turns.begin("p", named("change"), true)).To(BeFalse())
	g.Expect(turns.begin("p", named("poll-2"), true)).To(BeFalse(), "it was changed while it waited")
	g.Expect(turns.begin("p", named("poll-2"), false)).To(BeFalse(), "and stays urgent")
	for _, next := range []called{{"change", true}, {"poll-2", true}, {"poll-1", false}, {"poll-3", false}} {
		turns.end("p", "shop")
		g.Eventually(calls).Should(Receive(Equal(next)))
		g.Expect(turns.begin("p", named(next.name), next.urgent)).To(BeTrue())
	}
	turns.end("p", "shop")
	g.Expect(turns.busy).To(BeEmpty())
	g.Expect(turns.waiting).To(BeEmpty())
}

func TestDeletedResourceReleasesItsSlot(t *testing.T) {
	g := NewWithT(t)
	turns, calls := newLimited(1)
	g.Expect(turns.begin("p", named("busy"), true)).To(BeTrue())
	for _, name := range []string{"a", "b", "c"} {
		g.Expect(turns.begin("p", named(name), true)).To(BeFalse())
	}
	turns.forget(named("a")) // while it waits
	turns.end("p", "shop")
	g.Eventually(calls).Should(Receive(Equal(called{"b", true})))
	turns.forget(named("b")) // when it was called
	g.Eventually(calls).Should(Receive(Equal(called{"c", true})))
	g.Expect(turns.begin("elsewhere", named("c"), true)).To(BeTrue(), "made again at another place")
	g.Expect(turns.begin("p", named("d"), true)).To(BeTrue())
	turns.forget(named("never seen"))
}

func TestLimiterUnderLoad(t *testing.T) {
	const limit, places, resources, rounds = 3, 4, 60, 20
	g := NewWithT(t)
	queue := make(chan types.NamespacedName, resources*rounds)
	turns := newLimiter(limit, func(name types.NamespacedName, _ bool) { queue <- name })
	var mu sync.Mutex
	busy, done := map[string]int{}, map[types.NamespacedName]int{}
	work := func(name types.NamespacedName) {
		place := fmt.Sprint(name.Name[len(name.Name)-1] % places)
		if !turns.begin(place, name, rand.IntN(2) == 0) {
			return
		}
		mu.Lock()
		busy[place]++
		if busy[place] > limit {
			t.Errorf("%d at work in place %s", busy[place], place)
		}
		mu.Unlock()
		time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond) // what a call takes
		mu.Lock()
		busy[place]--
		done[name]++
		again := done[name] < rounds
		mu.Unlock()
		turns.end(place, "shop")
		if again {
			queue <- name
		}
	}
	for i := range resources {
		queue <- named(fmt.Sprint("r", i))
	}
	for range 40 {
		go func() {
			for name := range queue {
				work(name)
			}
		}()
	}
	g.Eventually(func() (sum int) {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range done {
			sum += n
		}
		return sum
	}, "20s").Should(Equal(resources * rounds))
}

func TestWhatIsUrgent(t *testing.T) {
	settled := func() *v1alpha1.StreamPrivateLink {
		return &v1alpha1.StreamPrivateLink{
			ObjectMeta: metav1.ObjectMeta{Generation: 2},
			Status: v1alpha1.StreamPrivateLinkStatus{ManagedStatus: v1alpha1.ManagedStatus{
				ObservedStatus: v1alpha1.ObservedStatus{ID: "id", ObservedGeneration: 2},
			}},
		}
	}
	for name, c := range map[string]struct {
		change func(*v1alpha1.StreamPrivateLink)
		urgent bool
	}{
		"as it was":   {func(*v1alpha1.StreamPrivateLink) {}, false},
		"changed":     {func(l *v1alpha1.StreamPrivateLink) { l.Generation = 3 }, true},
		"deleted":     {func(l *v1alpha1.StreamPrivateLink) { l.DeletionTimestamp = &metav1.Time{} }, true},
		"not created": {func(l *v1alpha1.StreamPrivateLink) { l.Status.ID = "" }, true},
		"asked for": {func(l *v1alpha1.StreamPrivateLink) {
			l.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
		}, true},
		"asked for and looked": {func(l *v1alpha1.StreamPrivateLink) {
			l.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
			l.Status.LastHandledReconcileAt = "now"
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			link := settled()
			c.change(link)
			NewWithT(t).Expect(isUrgent(link)).To(Equal(c.urgent))
		})
	}
}
