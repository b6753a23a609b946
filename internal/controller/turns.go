package controller

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// turns bound how many resources of one place, a workspace or a project, are worked on at the same time. Whoever finds
// no turn is remembered and called later, and keeps no worker: a place that Atlas serves slowly never holds up another.
type turns struct {
	limit int
	// call puts a resource into the queue again. Its turn is kept for it.
	call func(name types.NamespacedName, urgent bool)

	mu      sync.Mutex
	places  map[string]*place
	waiting map[types.NamespacedName]*waiter
}

// place is where turns are taken. Somebody waits only while no turn is left.
type place struct {
	// busy counts the turns that are taken, or kept for somebody who was called.
	busy            int
	urgent, routine []*waiter
}

// waiter is a resource that has no turn, or was called and has not come yet. One that is gone is passed over.
type waiter struct {
	name                 types.NamespacedName
	place                string
	urgent, called, gone bool
}

func newTurns(limit int, call func(types.NamespacedName, bool)) *turns {
	return &turns{limit: max(limit, 1), call: call, places: map[string]*place{}, waiting: map[types.NamespacedName]*waiter{}}
}

// begin takes a turn. Without one, false, the resource is called when it has one. Urgent ones go before the others.
func (t *turns) begin(key string, name types.NamespacedName, urgent bool) bool {
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
	p := t.places[key]
	if p == nil {
		p = &place{}
		t.places[key] = p
	}
	if p.busy < t.limit {
		p.busy++
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

// end gives a turn back, to the first who waits for one.
func (t *turns) end(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass(key)
}

// leave forgets a resource that is gone.
func (t *turns) leave(name types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.waiting[name]; w != nil {
		t.drop(w)
	}
}

func (t *turns) drop(w *waiter) {
	delete(t.waiting, w.name)
	w.gone = true
	if w.called {
		t.pass(w.place)
	}
}

// pass hands a turn to the next one, or takes it back.
func (t *turns) pass(key string) {
	p := t.places[key]
	next := p.next()
	if next == nil {
		if p.busy--; p.busy == 0 {
			delete(t.places, key)
		}
		return
	}
	next.called = true
	go t.call(next.name, next.urgent)
}

func (p *place) next() *waiter {
	for _, queue := range []*[]*waiter{&p.urgent, &p.routine} {
		for len(*queue) > 0 {
			w := (*queue)[0]
			if *queue = (*queue)[1:]; !w.gone {
				return w
			}
		}
	}
	return nil
}

// placeOf is where a resource takes its turns: what Atlas serves in one go, or one after another.
func placeOf(object managed) string {
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
