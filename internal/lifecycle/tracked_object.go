package lifecycle

import (
	"time"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

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
