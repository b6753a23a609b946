package soak_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// shown is how many resources a failure describes.
const shown = 5

// watcher follows all resources of the tenants, so that what they show for a moment only is seen too.
type watcher struct {
	mu    sync.Mutex
	seen  map[types.UID]v1alpha1.Managed
	odd   []string
	known map[types.UID]string // their ids in Atlas
}

// newWatcher watches until the test ends.
func newWatcher(t *testing.T, config *rest.Config) *watcher {
	t.Helper()
	g := NewWithT(t)
	w := &watcher{seen: map[types.UID]v1alpha1.Managed{}, known: map[types.UID]string{}}
	informers, err := cache.New(config, cache.Options{Scheme: clientgoscheme.Scheme})
	g.Expect(err).NotTo(HaveOccurred())
	for _, kind := range []client.Object{&v1alpha1.StreamPrivateLink{}, &v1alpha1.StreamConnection{}} {
		informer, err := informers.GetInformer(t.Context(), kind, cache.BlockUntilSynced(false))
		g.Expect(err).NotTo(HaveOccurred())
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(o any) { w.see(o) },
			UpdateFunc: func(_, o any) { w.see(o) },
			DeleteFunc: w.gone,
		})
		g.Expect(err).NotTo(HaveOccurred())
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := informers.Start(ctx); err != nil {
			t.Errorf("watch the resources: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	g.Expect(informers.WaitForCacheSync(ctx)).To(BeTrue())
	return w
}

func (w *watcher) see(object any) {
	r := object.(v1alpha1.Managed)
	w.mu.Lock()
	defer w.mu.Unlock()
	if hasSecret(r) {
		w.odd = append(w.odd, "a secret in "+r.GetName())
	}
	if r.GetNamespace() == intruders {
		return
	}
	w.seen[r.GetUID()] = r
	status := r.GetManagedStatus()
	if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled) {
		w.odd = append(w.odd, "Stalled by passing faults: "+describe(r))
	}
	if id := w.known[r.GetUID()]; id != "" && id != status.ID {
		w.odd = append(w.odd, fmt.Sprintf("no longer %s: %s", id, describe(r)))
	}
	w.known[r.GetUID()] = status.ID
}

func (w *watcher) gone(object any) {
	if last, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.seen, object.(v1alpha1.Managed).GetUID())
}

// oddities are what must not happen even for a moment: a human called for what passes by itself, an id lost, a
// secret shown.
func (w *watcher) oddities() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.odd[:min(len(w.odd), shown)])
}

// pending counts resources that are not Ready and describes the first of them.
type pending struct {
	total, unready int
	first          string
}

func (w *watcher) unready() (p pending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.total = len(w.seen)
	for _, r := range w.seen {
		if isReady(r) {
			continue
		}
		if p.unready++; p.unready <= shown {
			p.first += "\n" + describe(r)
		}
	}
	return p
}

func isReady(r v1alpha1.Managed) bool {
	status := r.GetManagedStatus()
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(status.Conditions, kind)
		if c == nil || c.Status != "True" || c.ObservedGeneration != r.GetGeneration() {
			return false
		}
	}
	return status.Ownership == v1alpha1.OwnershipCreated
}
