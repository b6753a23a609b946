package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// watcher follows all resources and counts those that are Ready.
type watcher struct {
	stop func()

	mu        sync.Mutex
	seen      map[types.UID]*seen
	ready     int
	lastReady time.Time
}

// seen is what is known of one resource.
type seen struct {
	generation int64 // at which it was last Ready and Synced
	ready      bool
	// said are the different things that Atlas said of it, as the status showed them.
	said map[said]struct{}
}

type said struct{ state, endpoint, message string }

// watch begins to watch. The caller stops the watcher.
func watch(ctx context.Context, config *rest.Config) (*watcher, error) {
	w := &watcher{seen: map[types.UID]*seen{}}
	informers, err := cache.New(config, cache.Options{Scheme: clientgoscheme.Scheme, DefaultTransform: cache.TransformStripManagedFields()})
	if err != nil {
		return nil, fmt.Errorf("watch the resources: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = informers.Start(ctx) }) // ends by ctx alone; a watch that breaks is begun anew
	w.stop = func() { cancel(); running.Wait() }
	for _, kind := range []client.Object{&v1alpha1.StreamPrivateLink{}, &v1alpha1.StreamConnection{}} {
		informer, err := informers.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err == nil {
			_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
				AddFunc:    func(o any) { w.see(o.(v1alpha1.Managed)) },
				UpdateFunc: func(_, o any) { w.see(o.(v1alpha1.Managed)) },
			})
		}
		if err != nil {
			w.stop()
			return nil, fmt.Errorf("watch the resources: %w", err)
		}
	}
	if !informers.WaitForCacheSync(ctx) {
		w.stop()
		return nil, errors.New("watch the resources: interrupted")
	}
	return w, nil
}

func (w *watcher) see(r v1alpha1.Managed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.seen[r.GetUID()]
	if known == nil {
		known = &seen{said: map[said]struct{}{}}
		w.seen[r.GetUID()] = known
	}
	if what := saidOf(r); what != (said{}) {
		known.said[what] = struct{}{}
	}
	ready := isReady(r)
	switch {
	case ready && !known.ready:
		w.ready++
		w.lastReady = time.Now()
	case !ready && known.ready:
		w.ready--
	}
	known.ready = ready
	if ready {
		known.generation = r.GetGeneration()
	}
}

// saidOf is empty before Atlas reported a state.
func saidOf(r v1alpha1.Managed) said {
	switch r := r.(type) {
	case *v1alpha1.StreamPrivateLink:
		return said{r.Status.State, r.Status.InterfaceEndpointID, r.Status.ErrorMessage}
	case *v1alpha1.StreamConnection:
		return said{state: r.Status.State}
	default:
		return said{}
	}
}

// isReady reports whether a resource is Ready and Synced at its generation.
func isReady(r v1alpha1.Managed) bool {
	conditions := r.GetObservedStatus().Conditions
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(conditions, kind)
		if c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != r.GetGeneration() {
			return false
		}
	}
	return true
}

// progress is how many resources are Ready, and when the last of them became so.
func (w *watcher) progress() (ready int, last time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ready, w.lastReady
}

// count is how many resources there are.
func (w *watcher) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// readyAt reports whether a resource is Ready at that generation.
func (w *watcher) readyAt(uid types.UID, generation int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.seen[uid]
	return known != nil && known.ready && known.generation >= generation
}

// distinct is how many different things Atlas said, summed up over all resources.
func (w *watcher) distinct() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.seen {
		n += len(known.said)
	}
	return n
}
