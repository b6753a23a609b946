package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"sort"
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

	mu sync.Mutex
	// busy counts the slots of each key and of each namespace that are in use or reserved.
	busy    map[string]int
	waiting map[types.NamespacedName]*waitingResource
	// queues have those without a slot by key: the urgent ones first, then the routine ones, each in the order in which
	// they came.
	queues map[string][]*waitingResource
}

// waitingResource has no slot, or was enqueued and has not come yet.
type waitingResource struct {
	name             types.NamespacedName
	key              string
	urgent, enqueued bool
}

// workersPerSlot is the number of keys that may use all their slots at once, those of one namespace a quarter of it. A
// waiting worker costs some kilobytes.
const workersPerSlot = 20

func newLimiter(limit int, enqueue func(types.NamespacedName, bool)) *limiter {
	return &limiter{
		limit: limit, share: limit * workersPerSlot / 4, enqueue: enqueue, busy: map[string]int{},
		waiting: map[types.NamespacedName]*waitingResource{}, queues: map[string][]*waitingResource{},
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
	if t.busy[key] < t.limit && t.busy[name.Namespace] < t.share {
		t.count(key, name.Namespace, 1)
		return true
	}
	w := &waitingResource{name: name, key: key, urgent: urgent}
	t.waiting[name] = w
	behind := sort.Search(len(t.queues[key]), func(i int) bool { return urgent && !t.queues[key][i].urgent })
	t.queues[key] = slices.Insert(t.queues[key], behind, w)
	return false
}

// end frees a slot for the first resource that waits for one.
func (t *limiter) end(key, namespace string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.release(key, namespace)
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
		t.release(w.key, w.name.Namespace)
	} else {
		t.dequeue(w)
	}
}

func (t *limiter) dequeue(w *waitingResource) {
	rest := slices.DeleteFunc(t.queues[w.key], func(other *waitingResource) bool { return other == w })
	if t.queues[w.key] = rest; len(rest) == 0 {
		delete(t.queues, w.key)
	}
}

// release gives a slot to the next resource of the namespace whose key has one left, an urgent one if there is any. Keys
// come in random order, so that none of them is always first.
func (t *limiter) release(key, namespace string) {
	t.count(key, namespace, -1)
	var next *waitingResource
	for key, queue := range t.queues {
		first := queue[0]
		if first.name.Namespace == namespace && t.busy[key] < t.limit && (next == nil || first.urgent && !next.urgent) {
			next = first
		}
	}
	if next != nil {
		t.dequeue(next)
		t.count(next.key, namespace, 1)
		next.enqueued = true
		go t.enqueue(next.name, next.urgent)
	}
}

func (t *limiter) count(key, namespace string, change int) {
	for _, counted := range []string{key, namespace} {
		if t.busy[counted] += change; t.busy[counted] == 0 {
			delete(t.busy, counted)
		}
	}
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

// locks serialise writes to Atlas by key: Atlas mixes up writes that overlap in one workspace, and a link must not
// be matched and created twice at the same moment. A key always has the same number of places, mostly one.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	token   chan struct{}
	waiters int
}

func newLocks() *locks { return &locks{held: map[string]*lock{}} }

// acquire waits for one of the places that key has and returns what gives it back, the first time that it is called.
func (l *locks) acquire(ctx context.Context, key string, places int) (release func(), err error) {
	l.mu.Lock()
	entry := l.held[key]
	if entry == nil {
		entry = &lock{token: make(chan struct{}, places)}
		l.held[key] = entry
	}
	entry.waiters++
	l.mu.Unlock()

	select {
	case entry.token <- struct{}{}:
		return sync.OnceFunc(func() { <-entry.token; l.leave(key, entry) }), nil
	case <-ctx.Done():
		l.leave(key, entry)
		return nil, fmt.Errorf("wait for another write to Atlas: %w", ctx.Err())
	}
}

func (l *locks) leave(key string, entry *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry.waiters--; entry.waiters == 0 {
		delete(l.held, key)
	}
}
