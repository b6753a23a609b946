package lifecycle

import (
	"time"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// objectMemory is what is known of the object in Atlas that a resource owns, and of our writes to it.
type trackedObject struct {
	// missing: a list, begun after a GET that said the same, did not show the owned object, with nothing to the contrary
	// since. Nil otherwise.
	missing *missing
	// deleteSent is when Atlas last took our DELETE.
	deleteSent time.Time
	// deletes counts the DELETEs of the object that Atlas took.
	deletes int
	// lastWrite is when Atlas last took, or may have taken, a write of ours.
	lastWrite time.Time
	// outdated: lists that began before do not show what we know to have changed.
	outdated time.Time
	// patched is what our last PATCH was to mend; nil when it did.
	patched *patched
}

// forget: from now on the resource owns another object. Lists of before the last write stay outdated.
func (t *trackedObject) forget() {
	t.deleteSent, t.deletes = time.Time{}, 0
	t.sawThere()
}

// missing is the id of an object, and when the first list began that does not show it.
type missing struct {
	id    string
	since time.Time
}

// patched has the differences that a PATCH was to mend, and the generation that it was for.
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

// sawMissing notes that a list, begun after a GET that said the same, does not show the object of that id, and returns
// when the first such list began.
func (t *trackedObject) sawMissing(id string, begun time.Time) time.Time {
	if t.missing == nil || t.missing.id != id {
		t.missing = &missing{id: id, since: begun}
	}
	return t.missing.since
}

// sawThere notes that Atlas shows the owned object.
func (t *trackedObject) sawThere() { t.missing = nil }
