package wait_test

import (
	"slices"
	"sync"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// watcher sees every version of every resource of a namespace, as waiting tools do, and judges it by kstatus.
type watcher struct {
	s  *stage
	mu sync.Mutex
	// histories hold the statuses of each resource by its name, without repetitions.
	histories map[string][]status.Status
	// messages are the last ones of kstatus.
	messages map[string]string
}

// watch starts a watcher; it sees what is made from now on.
func (s *stage) watch() *watcher {
	s.t.Helper()
	w := &watcher{s: s, histories: map[string][]status.Status{}, messages: map[string]string{}}
	for _, kind := range []string{"StreamPrivateLink", "StreamConnection"} {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		events, err := world.Kube.Watch(s.t.Context(), list, client.InNamespace(s.namespace))
		s.Expect(err).NotTo(HaveOccurred())
		var watching sync.WaitGroup
		watching.Go(func() {
			for event := range events.ResultChan() {
				w.see(event)
			}
		})
		s.t.Cleanup(func() {
			events.Stop()
			watching.Wait()
		})
	}
	return w
}

func (w *watcher) see(event watch.Event) {
	if w.s.t.Context().Err() != nil {
		return // the test has ended, and the watch with it
	}
	object, ok := event.Object.(*unstructured.Unstructured)
	if !ok || event.Type == watch.Error {
		w.s.t.Errorf("the watch failed: %v", event.Object)
		return
	}
	result, err := status.Compute(object)
	if err != nil {
		w.s.t.Errorf("kstatus cannot judge %s: %v", object.GetName(), err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	name := object.GetName()
	seen := w.histories[name]
	if len(seen) == 0 || seen[len(seen)-1] != result.Status {
		w.histories[name] = append(seen, result.Status)
	}
	w.messages[name] = result.Message
}

// history is what a resource was so far.
func (w *watcher) history(name string) []status.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.histories[name])
}

func (w *watcher) message(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.messages[name]
}

// await waits until a resource has passed exactly these statuses and is in the last one.
func (w *watcher) await(name string, history ...status.Status) {
	w.s.t.Helper()
	w.s.Eventually(func() []status.Status { return w.history(name) }).Should(Equal(history), name)
}
