package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// tracked is what this process knows of one resource beyond its status. Losing it at a restart costs a few calls and
// some time, never safety.
type tracked struct {
	uid     types.UID
	version version
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

// version is what is known of the versions of a resource.
func (t *tracker) version(name types.NamespacedName) *version {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.byName[name]; known != nil {
		return &known.version
	}
	return &version{}
}

// cacheLag is how long the cache may take to show our own write.
const cacheLag = 30 * time.Second

// version distinguishes our own writes of a resource from those of others, and shows that the cache is behind.
type version struct {
	mu sync.Mutex
	// last is the version that our last write made, or that was read from the API server since, at when.
	last string
	at   time.Time
	// writing: a write of ours is under way.
	writing bool
	// seen is the version of the newest event.
	seen string
}

// begin notes that a write of ours is under way.
func (v *version) begin() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writing = true
}

// end notes the version that the write made, empty when it failed, or a version that was read from the API server. It
// reports whether an event showed a version meanwhile that another writer made after it.
func (v *version) end(made string, now time.Time) (foreign bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writing = false
	if made != "" {
		v.last, v.at = made, now
	}
	return v.seen != "" && v.isForeign(now)
}

// event notes the version of an event and reports whether another writer made it. While a write of ours is under way it is
// not known who did: the answer is no, and end finds out.
func (v *version) event(seen string, now time.Time) (foreign bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = seen
	return !v.writing && v.isForeign(now)
}

// isForeign reports whether another writer made the version that was seen. Past cacheLag an older one is no late event:
// etcd was restored.
func (v *version) isForeign(now time.Time) bool {
	return v.seen != v.last && (now.Sub(v.at) > cacheLag || !isOlder(v.seen, v.last))
}

// behind reports whether a version is older than our last write. A reconciliation that starts from it would take what
// we wrote since for unwritten.
func (v *version) behind(read string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return isOlder(read, v.last)
}

func isOlder(a, b string) bool {
	order, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && order < 0
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
