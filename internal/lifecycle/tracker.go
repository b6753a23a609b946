package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// tracked is what this process knows of one resource beyond its status. Losing it at a restart costs a few calls and
// some time, never safety.
type tracked struct {
	uid types.UID
	// since is when this process first saw the resource.
	since   time.Time
	claim   trackedClaim
	object  trackedObject
	backoff backoff
	// first has the generation of the status and the recreate annotation of then: another process recorded the warnings
	// about them. Looked: the spec was looked through for warnings since.
	first struct {
		generation int64
		recreate   string
		looked     bool
	}
	// warned has the generation for which a warning was last recorded, by its text.
	warned map[string]int64
	// replaced is the last object that the user requested to recreate.
	replaced string
	// taken are the keys that the resource took from owners.
	taken []string
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
func (t *tracker) of(object Managed, now time.Time) *tracked {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := NameOf(object)
	known := t.byName[name]
	if known == nil || known.uid != object.GetUID() {
		known.unwatch()
		known = &tracked{uid: object.GetUID(), since: now, warned: map[string]int64{}}
		known.first.generation = object.GetObservedStatus().ObservedGeneration
		known.first.recreate = object.GetAnnotations()[v1alpha1.AnnotationRecreate]
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
