package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
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

// trackedClaim is what is known of the claim of a resource.
type trackedClaim struct {
	// at is the claim of the status, seenAt when this process made it or first saw it. Time is counted from there: the
	// clocks of two machines are never compared.
	at, seenAt time.Time
	// made is an object that our POST made and whose id may not be in the status yet.
	made *made
	// absentSince is when the first complete list began that, after claim and settle, did not show a claimed object.
	absentSince time.Time
	// exists is how Atlas said that what an earlier POST of ours was to make exists.
	exists string
	// closed is a claim that a definite refusal closed; the status may still show it as open.
	closed time.Time
	// unsure: a write of the status failed that may have arrived, and none was saved since.
	unsure bool
	// kept is the object and the claim of the last status, to restore them if another writer removes them; nil if the
	// status had neither.
	kept *v1alpha1.ManagedStatus
}

// made is the answer to a POST, or what was found of it: the id belongs to the claim of that moment.
type made struct {
	claim time.Time
	id    string
}

// sawClaim returns when this process made or first saw the claim.
func (t *trackedClaim) sawClaim(claim, now time.Time) time.Time {
	if !t.at.Equal(claim) {
		t.at, t.seenAt = claim, now
	}
	return t.seenAt
}

// keep remembers what the saved status says of the object and the claim.
func (t *trackedClaim) keep(status *v1alpha1.ManagedStatus) {
	t.kept = nil
	if status.Owned() || status.OpenClaim() {
		t.kept = &v1alpha1.ManagedStatus{Ownership: status.Ownership, CreateRequestedAt: status.CreateRequestedAt.DeepCopy()}
		t.kept.ID = status.ID
	}
}

// trackedObject is what is known of the object in Atlas that a resource owns, and of our writes to it.
type trackedObject struct {
	// missingSince is when the first list began that, like a GET before it, did not show the object of the id missing; zero
	// once Atlas shows it.
	missing      string
	missingSince time.Time
	// deleteSent is when Atlas last took our DELETE.
	deleteSent time.Time
	// deletes counts the DELETEs of the object that Atlas took.
	deletes int
	// lastWrite is when Atlas last took, or may have taken, a write of ours.
	lastWrite time.Time
	// outdated: lists that began before do not show what we know to have changed.
	outdated time.Time
	// patched is what our last PATCH was to change; nil once Atlas shows the change.
	patched *patched
}

// forget: from now on the resource owns another object. Lists of before the last write stay outdated.
func (t *trackedObject) forget() {
	t.deleteSent, t.deletes, t.missingSince = time.Time{}, 0, time.Time{}
}

// patched has the differences that a PATCH was to remove, and the generation of its spec.
type patched struct {
	paths      string
	generation int64
	at         time.Time
}

// patchStillOpen reports whether Atlas took a PATCH for the very differences that it still shows: sending it again
// and again would not help.
func (t *trackedObject) patchStillOpen(o *decision.Observation, generation int64) bool {
	return t.patched != nil && o.Owned != nil && !o.Owned.Equal() && t.patched.generation == generation &&
		t.patched.paths == decision.Paths(o.Owned.Differences) && o.Settled(t.patched.at)
}
