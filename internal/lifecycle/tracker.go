package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// tracked is what this process knows of one resource beyond its status. Losing it at a restart costs a few calls and
// some time, never safety.
type tracked struct {
	uid types.UID
	// since is when this process first saw the resource.
	since    time.Time
	claim    trackedClaim
	object   trackedObject
	backoff  backoff
	warnings trackedWarnings
	// stopWatch ends the watch of the object in Atlas; nil when it is not watched.
	stopWatch func()
	// driftedAt is when drift was found that has not been repaired since.
	driftedAt time.Time
}

// unwatch ends the watch of the object in Atlas, if there is one.
func (t *tracked) unwatch() {
	if t != nil && t.stopWatch != nil {
		t.stopWatch()
		t.stopWatch = nil
	}
}

// tracker holds what is tracked of each resource. One worker at a time reconciles a resource, so that tracked itself
// needs no lock.
type tracker struct {
	mu     sync.Mutex
	byName map[types.NamespacedName]*tracked
}

func newTracker() *tracker { return &tracker{byName: map[types.NamespacedName]*tracked{}} }

// of returns what is known of a resource; of one that was deleted and made again, nothing.
func (t *tracker) of(name types.NamespacedName, uid types.UID, now time.Time) *tracked {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.byName[name]
	if known == nil || known.uid != uid {
		known.unwatch()
		known = &tracked{uid: uid, since: now}
		t.byName[name] = known
	}
	return known
}

func (t *tracker) forget(name types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byName[name].unwatch()
	delete(t.byName, name)
}
