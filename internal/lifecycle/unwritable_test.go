package lifecycle

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Before Kubernetes 1.33 the API server refuses every write of the status of an object whose unchanged spec breaks a
// rule that came later. The finalizer can be taken off, so the deletion has to get there.
func TestADeletionEndsWithoutWritingTheStatus(t *testing.T) {
	refused := func(func() error) error {
		return apierrors.NewInvalid(schema.GroupKind{Kind: "StreamPrivateLink"}, "link", nil)
	}
	for name, begin := range map[string]func(*WithT, *world){
		"of an object that is ours": func(g *WithT, w *world) {
			w.settleFor(time.Minute)
			g.Expect(w.link().Status.ID).To(Equal("made1"))
		},
		"of an object that a claim made": func(g *WithT, w *world) {
			w.fail = func(call string, done bool) error {
				if call == "create" && done {
					return errUnavailable
				}
				return nil
			}
			_, err := w.reconcile()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
		},
		"of a claim that made nothing": func(g *WithT, w *world) {
			w.fail = failing("create", errUnavailable)
			_, err := w.reconcile()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // retried writes pause
				g := NewWithT(t)
				w := newWorld(t)
				begin(g, w)
				w.restart()
				w.fail, w.statusWrite = nil, refused
				g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
				w.settleFor(time.Hour)
				g.Expect(w.link()).To(BeNil())
				g.Expect(w.objects).To(BeEmpty())
				g.Expect(w.count("create")).To(Equal(1))
				g.Expect(w.count("delete")).To(Equal(w.made), "it is not asked for again and again")
			})
		})
	}
}
