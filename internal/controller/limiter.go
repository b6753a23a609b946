package controller

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// turns bound how many resources of one place, a workspace or a project as a namespace names it, are reconciled at the
// same time, and how many of one namespace. Whoever finds no turn is remembered and called later, and keeps no worker:
// a place that Atlas serves slowly never holds up another, nor a namespace with many of them the other namespaces.
type limiter struct {
	// limit is for one place, share for one namespace.
	limit, share int
	// call puts a resource into the queue again. Its turn is kept for it.
	call func(name types.NamespacedName, urgent bool)

	mu         sync.Mutex
	places     map[string]*place
	namespaces map[string]*namespaceShare
	waiting    map[types.NamespacedName]*waiter
}

// namespaceTurns are the places of one namespace, and the turns that are taken there or kept for somebody who was called.
type namespaceShare struct {
	busy   int
	places map[string]*place
}

// place is where turns are taken. Somebody waits only while the place or the namespace has no turn left.
type place struct {
	key, namespace  string
	busy            int
	urgent, routine []*waiter
}

// waiter is a resource that has no turn, or was called and has not come yet. One that is gone is passed over.
type waiter struct {
	name                 types.NamespacedName
	place                string
	urgent, called, gone bool
}

// sharePerTurn is how many places of one namespace may use all their turns at the same time.
const sharePerSlot = workersPerSlot / 4

func newLimiter(limit int, call func(types.NamespacedName, bool)) *limiter {
	limit = max(limit, 1)
	return &limiter{
		limit: limit, share: limit * sharePerSlot, call: call,
		places: map[string]*place{}, namespaces: map[string]*namespaceShare{}, waiting: map[types.NamespacedName]*waiter{},
	}
}

// begin takes a turn at the place of that key, which belongs to the resource's namespace. Without one, false, the
// resource is called when it has one. Urgent ones go before the others.
func (t *limiter) begin(key string, name types.NamespacedName, urgent bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.waiting[name]; w != nil {
		if w.called && w.place == key {
			delete(t.waiting, name)
			return true
		}
		if w.place == key && (w.urgent || !urgent) {
			return false
		}
		t.drop(w) // it is in a hurry now, or was deleted and made again at another place
	}
	p := t.at(key, name.Namespace)
	namespace := t.namespaces[p.namespace]
	if p.busy < t.limit && namespace.busy < t.share {
		p.busy++
		namespace.busy++
		return true
	}
	w := &waiter{name: name, place: key, urgent: urgent}
	t.waiting[name] = w
	if urgent {
		p.urgent = append(p.urgent, w)
	} else {
		p.routine = append(p.routine, w)
	}
	return false
}

func (t *limiter) at(key, namespace string) *place {
	if t.places[key] == nil {
		if t.namespaces[namespace] == nil {
			t.namespaces[namespace] = &namespaceShare{places: map[string]*place{}}
		}
		p := &place{key: key, namespace: namespace}
		t.places[key], t.namespaces[namespace].places[key] = p, p
	}
	return t.places[key]
}

// end gives a turn back, to the first who waits for one.
func (t *limiter) end(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass(key)
}

// leave forgets a resource that is gone.
func (t *limiter) leave(name types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.waiting[name]; w != nil {
		t.drop(w)
	}
}

func (t *limiter) drop(w *waiter) {
	delete(t.waiting, w.name)
	w.gone = true
	if w.called {
		t.pass(w.place)
		return
	}
	t.tidy(t.places[w.place])
}

// pass hands a turn to the next one of the namespace whose place has one, or takes it back.
func (t *limiter) pass(key string) {
	p := t.places[key]
	namespace := t.namespaces[p.namespace]
	p.busy--
	namespace.busy--
	if next := namespace.next(t.limit); next != nil {
		t.places[next.place].busy++
		namespace.busy++
		next.called = true
		go t.call(next.name, next.urgent)
	}
	t.tidy(p)
}

// tidy forgets a place that nobody uses or waits for.
func (t *limiter) tidy(p *place) {
	if p.busy > 0 || first(&p.urgent) != nil || first(&p.routine) != nil {
		return
	}
	namespace := t.namespaces[p.namespace]
	delete(t.places, p.key)
	delete(namespace.places, p.key)
	if len(namespace.places) == 0 {
		delete(t.namespaces, p.namespace)
	}
}

// next takes the first who waits at a place that has a turn left, an urgent one if there is any. Places come in no order,
// so that none of them is always first.
func (n *namespaceShare) next(limit int) *waiter {
	for _, queueOf := range []func(*place) *[]*waiter{
		func(p *place) *[]*waiter { return &p.urgent }, func(p *place) *[]*waiter { return &p.routine },
	} {
		for _, p := range n.places {
			if queue := queueOf(p); p.busy < limit && first(queue) != nil {
				w := (*queue)[0]
				*queue = (*queue)[1:]
				return w
			}
		}
	}
	return nil
}

// first is the first of a queue that is not gone.
func first(queue *[]*waiter) *waiter {
	for len(*queue) > 0 {
		if w := (*queue)[0]; !w.gone {
			return w
		}
		*queue = (*queue)[1:]
	}
	return nil
}

// placeOf is where a resource takes its turns: what Atlas serves in one go, or one after another.
func limiterKey(object managed) string {
	if connection, ok := object.(*v1alpha1.StreamConnection); ok {
		return connection.Spec.ProjectID + "/" + connection.Spec.WorkspaceName
	}
	return object.GetManagedSpec().ProjectID
}

// isUrgent reports whether somebody waits for what is done next, as opposed to a routine look at an object in Atlas.
func isUrgent(object managed) bool {
	status := object.GetObservedStatus()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	return object.GetDeletionTimestamp() != nil ||
		status.ObservedGeneration != object.GetGeneration() ||
		status.ID == "" ||
		requested != "" && requested != status.LastHandledReconcileAt
}
