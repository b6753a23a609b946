package lifecycle

import (
	"time"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// trackedObject is what is known of the object in Atlas that a resource owns, and of our writes to it.
type trackedObject struct {
	// missing is set when a list that began after a GET without the owned object does not show it either; nil again once
	// Atlas shows it.
	missing *missing
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
	t.deleteSent, t.deletes = time.Time{}, 0
	t.sawThere()
}

// missing has the id of an object, and the start of the first list without it.
type missing struct {
	id    string
	since time.Time
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
