package lifecycle

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// limiter bounds the concurrent reconciliations per key, a workspace or project as one namespace names it, and per
// namespace. A resource without a free slot is enqueued later and occupies no worker: a workspace that Atlas serves
// slowly does not delay another one, and a namespace with many of them does not delay other namespaces.
type limiter struct {
	// limit is the number of slots per key, share per namespace.
	limit, share int
	// enqueue puts a resource into the queue again. Its slot is reserved.
	enqueue func(name types.NamespacedName, urgent bool)

	mu         sync.Mutex
	byKey      map[string]*keySlots
	namespaces map[string]*namespaceShare
	waiting    map[types.NamespacedName]*waitingResource
}

// namespaceShare holds the keys of one namespace and its number of slots in use or reserved.
type namespaceShare struct {
	busy  int
	byKey map[string]*keySlots
}

// keySlots are the slots of one key. A resource waits only while the key or its namespace has no free slot.
type keySlots struct {
	key, namespace  string
	busy            int
	urgent, routine []*waitingResource
}

// waitingResource has no slot, or was enqueued and has not come yet. One that is gone is skipped.
type waitingResource struct {
	name                   types.NamespacedName
	key                    string
	urgent, enqueued, gone bool
}

// workersPerSlot is the number of keys that may use all their slots at once. A waiting worker costs some kilobytes.
const workersPerSlot = 20

// sharePerSlot is the number of keys of one namespace that may use all their slots at the same time.
const sharePerSlot = workersPerSlot / 4

func newLimiter(limit int, call func(types.NamespacedName, bool)) *limiter {
	limit = max(limit, 1)
	return &limiter{
		limit: limit, share: limit * sharePerSlot, enqueue: call,
		byKey: map[string]*keySlots{}, namespaces: map[string]*namespaceShare{}, waiting: map[types.NamespacedName]*waitingResource{},
	}
}

// begin takes a slot of the key, which belongs to the resource's namespace. It returns false when there is none, and
// enqueues the resource when there is one. Urgent resources precede the others.
func (t *limiter) begin(key string, name types.NamespacedName, urgent bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.waiting[name]; w != nil {
		if w.enqueued && w.key == key {
			delete(t.waiting, name)
			return true
		}
		if w.key == key && (w.urgent || !urgent) {
			return false
		}
		t.drop(w) // it is urgent now, or was deleted and made again with another key
	}
	p := t.at(key, name.Namespace)
	namespace := t.namespaces[p.namespace]
	if p.busy < t.limit && namespace.busy < t.share {
		p.busy++
		namespace.busy++
		return true
	}
	w := &waitingResource{name: name, key: key, urgent: urgent}
	t.waiting[name] = w
	if urgent {
		p.urgent = append(p.urgent, w)
	} else {
		p.routine = append(p.routine, w)
	}
	return false
}

func (t *limiter) at(key, namespace string) *keySlots {
	if t.byKey[key] == nil {
		if t.namespaces[namespace] == nil {
			t.namespaces[namespace] = &namespaceShare{byKey: map[string]*keySlots{}}
		}
		p := &keySlots{key: key, namespace: namespace}
		t.byKey[key], t.namespaces[namespace].byKey[key] = p, p
	}
	return t.byKey[key]
}

// end frees a slot for the first resource that waits for one.
func (t *limiter) end(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.release(key)
}

// forget drops a resource that is gone.
func (t *limiter) forget(name types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.waiting[name]; w != nil {
		t.drop(w)
	}
}

func (t *limiter) drop(w *waitingResource) {
	delete(t.waiting, w.name)
	w.gone = true
	if w.enqueued {
		t.release(w.key)
		return
	}
	t.tidy(t.byKey[w.key])
}

// release gives a slot to the next resource of the namespace whose key has one left.
func (t *limiter) release(key string) {
	p := t.byKey[key]
	namespace := t.namespaces[p.namespace]
	p.busy--
	namespace.busy--
	if next := namespace.next(t.limit); next != nil {
		t.byKey[next.key].busy++
		namespace.busy++
		next.enqueued = true
		go t.enqueue(next.name, next.urgent)
	}
	t.tidy(p)
}

// tidy drops a key that no resource uses or waits for.
func (t *limiter) tidy(p *keySlots) {
	if p.busy > 0 || first(&p.urgent) != nil || first(&p.routine) != nil {
		return
	}
	namespace := t.namespaces[p.namespace]
	delete(t.byKey, p.key)
	delete(namespace.byKey, p.key)
	if len(namespace.byKey) == 0 {
		delete(t.namespaces, p.namespace)
	}
}

// next takes the first resource that waits for a key with a free slot, an urgent one if there is any. Keys come in
// random order, so that none of them is always first.
func (n *namespaceShare) next(limit int) *waitingResource {
	for _, queueOf := range []func(*keySlots) *[]*waitingResource{
		func(p *keySlots) *[]*waitingResource { return &p.urgent }, func(p *keySlots) *[]*waitingResource { return &p.routine },
	} {
		for _, p := range n.byKey {
			if queue := queueOf(p); p.busy < limit && first(queue) != nil {
				w := (*queue)[0]
				*queue = (*queue)[1:]
				return w
			}
		}
	}
	return nil
}

// first returns the first resource of a queue that is not gone.
func first(queue *[]*waitingResource) *waitingResource {
	for len(*queue) > 0 {
		if w := (*queue)[0]; !w.gone {
			return w
		}
		*queue = (*queue)[1:]
	}
	return nil
}

// isUrgent reports whether a user waits for the next reconciliation, as opposed to a routine poll.
func isUrgent(object Managed) bool {
	status := object.GetObservedStatus()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	return object.GetDeletionTimestamp() != nil ||
		status.ObservedGeneration != object.GetGeneration() ||
		status.ID == "" ||
		requested != "" && requested != status.LastHandledReconcileAt
}
