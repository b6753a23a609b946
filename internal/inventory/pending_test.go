package inventory_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/inventory"
)

func TestFewPendingObjectsAreReadIndividually(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.answerWith(func(w http.ResponseWriter, number string) bool {
		objects := []string{}
		for i := range map[string]int{"1": 500, "2": 500, "3": 1}[number] {
			objects = append(objects, fmt.Sprintf(`{"_id":"%s-%d"}`, number, i))
		}
		_, _ = fmt.Fprintf(w, `{"results":[%s]}`, strings.Join(objects, ","))
		return true
	})
	opts := s.fresh()
	g.Expect(s.links.GetIsCheaper("a", opts)).To(BeFalse(), "how long the list is is not known")
	s.read(t, opts)
	g.Expect(s.links.GetIsCheaper("a", opts)).To(BeFalse(), "the list is there already")
	s.clock.Step(time.Second)
	opts = s.fresh()
	g.Expect(s.links.GetIsCheaper("a", opts)).To(BeTrue())
	g.Expect(s.links.GetIsCheaper("b", opts)).To(BeTrue(), "two calls and not three")
	g.Expect(s.links.GetIsCheaper("c", opts)).To(BeFalse(), "three for three")
	g.Expect(s.links.Waiting()).To(Equal(3))
	s.clock.Step(2 * time.Minute)
	g.Expect(s.links.GetIsCheaper("a", s.fresh())).To(BeFalse())
	s.clock.Step(2 * time.Minute)
	g.Expect(s.links.Waiting()).To(Equal(1))
	g.Expect(s.links.GetIsCheaper("a", s.fresh())).To(BeTrue(), "b and c are not waited for any more")
}

func TestAShortListIsAlwaysRead(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b")
	s.read(t, inventory.ReadOptions{})
	s.clock.Step(time.Second)
	g.Expect(s.links.GetIsCheaper("a", s.fresh())).To(BeFalse())
}
