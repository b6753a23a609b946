package lifecycle

import (
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
)

func TestOwners(t *testing.T) {
	g := NewWithT(t)
	o := &owners{}
	first, second := types.NamespacedName{Namespace: "shop", Name: "first"}, types.NamespacedName{Namespace: "shop", Name: "second"}
	g.Expect(o.peek("a")).To(BeZero())
	g.Expect(o.take("a", first)).To(Equal(first))
	g.Expect(o.take("a", first)).To(Equal(first), "again by the owner")
	g.Expect(o.take("a", second)).To(Equal(first))
	g.Expect(o.peek("a")).To(Equal(first))

	o.release("a", second)
	g.Expect(o.peek("a")).To(Equal(first), "only the owner gives it back")
	o.release("a", first)
	g.Expect(o.take("a", second)).To(Equal(second))

	o.take("b", second)
	o.take("c", first)
	o.releaseAll(second)
	g.Expect([]types.NamespacedName{o.peek("a"), o.peek("b"), o.peek("c")}).To(Equal([]types.NamespacedName{{}, {}, first}))
}

func TestOneOwnerAtATime(t *testing.T) {
	o := &owners{}
	var wg sync.WaitGroup
	taken := make(chan types.NamespacedName, 50)
	for i := range 50 {
		wg.Go(func() {
			taken <- o.take("a", types.NamespacedName{Name: string(rune('A' + i))})
		})
	}
	wg.Wait()
	close(taken)
	owner := o.peek("a")
	for by := range taken {
		NewWithT(t).Expect(by).To(Equal(owner))
	}
}
