package lifecycle

import (
	"slices"
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

	mu    sync.Mutex
	byKey map[string]*keySlots
	// busy counts the slots of each namespace that are in use or reserved.
	busy    map[string]int
	waiting map[types.NamespacedName]*waitingResource
}

// keySlots are the slots of one key. A resource waits only while the key or its namespace has no free slot.
type keySlots struct {
	namespace string
	busy      int
	// waiting has the urgent resources first, then the routine ones, each in the order in which they came.
	waiting [2][]*waitingResource
}

// waitingResource has no slot, or was enqueued and has not come yet.
type waitingResource struct {
	name             types.NamespacedName
	key              string
	urgent, enqueued bool
}

func (w *waitingResource) queue() int {
	if w.urgent {
		return 0
	}
	return 1
}

// workersPerSlot is the number of keys that may use all their slots at once. A waiting worker costs some kilobytes.
const workersPerSlot = 20

// sharePerSlot is the number of keys of one namespace that may use all their slots at the same time.
const sharePerSlot = workersPerSlot / 4

func newLimiter(limit int, call func(types.NamespacedName, bool)) *limiter {
	limit = max(limit, 1)
	return &limiter{
		limit: limit, share: limit * sharePerSlot, enqueue: call,
		byKey: map[string]*keySlots{}, busy: map[string]int{}, waiting: map[types.NamespacedName]*waitingResource{},
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
	slots := t.byKey[key]
	if slots == nil {
		slots = &keySlots{namespace: name.Namespace}
		t.byKey[key] = slots
	}
	if slots.busy < t.limit && t.busy[slots.namespace] < t.share {
		t.count(slots, 1)
		return true
	}
	w := &waitingResource{name: name, key: key, urgent: urgent}
	t.waiting[name] = w
	slots.waiting[w.queue()] = append(slots.waiting[w.queue()], w)
	return false
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
	if w.enqueued {
		t.release(w.key)
		return
	}
	queue := &t.byKey[w.key].waiting[w.queue()]
	*queue = slices.DeleteFunc(*queue, func(other *waitingResource) bool { return other == w })
	t.tidy(w.key)
}

// release gives a slot to the next resource of the namespace whose key has one left.
func (t *limiter) release(key string) {
	slots := t.byKey[key]
	t.count(slots, -1)
	if next := t.next(slots.namespace); next != nil {
		t.count(t.byKey[next.key], 1)
		next.enqueued = true
		go t.enqueue(next.name, next.urgent)
	}
	t.tidy(key)
}

func (t *limiter) count(slots *keySlots, change int) {
	slots.busy += change
	if t.busy[slots.namespace] += change; t.busy[slots.namespace] == 0 {
		delete(t.busy, slots.namespace)
	}
}

// tidy drops a key that no resource uses or waits for.
func (t *limiter) tidy(key string) {
	if slots := t.byKey[key]; slots.busy == 0 && len(slots.waiting[0]) == 0 && len(slots.waiting[1]) == 0 {
		delete(t.byKey, key)
	}
}

// next takes the first resource of the namespace that waits for a key with a free slot, an urgent one if there is any. Keys
// come in random order, so that none of them is always first.
func (t *limiter) next(namespace string) *waitingResource {
	for queue := range 2 {
		for _, slots := range t.byKey {
			if slots.namespace == namespace && slots.busy < t.limit && len(slots.waiting[queue]) > 0 {
				w := slots.waiting[queue][0]
				slots.waiting[queue] = slots.waiting[queue][1:]
				return w
			}
		}
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
