package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// memory is what this process knows of one resource beyond its status. Losing it at a restart costs a few calls and
// some time, never safety.
type memory struct {
	uid types.UID
	// since is when this process first saw the resource.
	since time.Time
	// made is an object that our POST made and whose id may not be in the status yet.
	made *made
	// absentSince is when the first complete list began that, after claim and settle, did not show a claimed object.
	absentSince time.Time
	// deleteSent is when Atlas last took our DELETE.
	deleteSent time.Time
	// deletes counts the DELETEs of the object that Atlas took.
	deletes int
	// lastWrite is when Atlas last took, or may have taken, a write of ours.
	lastWrite time.Time
	// outdated: lists that began before do not show what we know to have changed.
	outdated time.Time
	// exists is how Atlas said that what an earlier POST of ours was to make exists.
	exists string
	// closed is a claim that a definite refusal closed; the status may still show it as open.
	closed time.Time
	// failingSince is when Atlas became unreachable for this resource, failures how often in a row it was.
	failingSince time.Time
	failures     int
	// hold keeps a refused request from being repeated before its time.
	hold hold
	// saved is the version that our last write made of the resource, savedAt when.
	saved   string
	savedAt time.Time
	// stopWatch ends the watch of the object in Atlas; nil when it is not watched.
	stopWatch func()
	// patched are the differences that our last PATCH was to mend, and the generation that it was for.
	patched patched
	// driftedAt is when drift was found that has not been repaired since.
	driftedAt time.Time
}

// patched is what a PATCH was to mend.
type patched struct {
	paths      string
	generation int64
	at         time.Time
}

// patchStillOpen reports whether Atlas took a PATCH for the very differences that it still shows: sending it again
// and again would not help.
func (m *memory) patchStillOpen(s *situation, generation int64) bool {
	return s.mine != nil && !s.mine.equal() && m.patched.generation == generation &&
		m.patched.paths == paths(s.mine.differences) && s.settled(m.patched.at)
}

// unwatch ends the watch of the object in Atlas, if there is one.
func (m *memory) unwatch() {
	if m != nil && m.stopWatch != nil {
		m.stopWatch()
		m.stopWatch = nil
	}
}

// cacheLag is how long a cache may be behind our own write. Versions that are older still then are of another history:
// etcd was restored from a backup.
const cacheLag = 30 * time.Second

// isAheadOf reports whether we know a newer version of the resource than that. A pass over the older one would take what
// we wrote since for unwritten, find nothing to say and leave it so.
func (m *memory) isAheadOf(version string, now time.Time) bool {
	if m.saved == "" || now.Sub(m.savedAt) > cacheLag {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(version, m.saved)
	return err == nil && order < 0
}

// made is the answer to a POST, or what was found of it: the id belongs to the claim of that moment.
type made struct {
	claim time.Time
	id    string
}

// hold is a refusal: the same request (fingerprint) is not sent again before until.
type hold struct {
	fingerprint string
	since       time.Time
	until       time.Time
	rejections  int
	obstacle    *obstacle
}

// memories hold one memory per resource. A resource is reconciled by one worker at a time, so that a memory itself
// needs no lock.
type memories struct {
	mu     sync.Mutex
	byName map[types.NamespacedName]*memory
}

func newMemories() *memories { return &memories{byName: map[types.NamespacedName]*memory{}} }

// of returns what is known of a resource; of one that was deleted and made again, nothing.
func (m *memories) of(name types.NamespacedName, uid types.UID, now time.Time) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.byName[name]
	if known == nil || known.uid != uid {
		known.unwatch()
		known = &memory{uid: uid, since: now}
		m.byName[name] = known
	}
	return known
}

func (m *memories) forget(name types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byName[name].unwatch()
	delete(m.byName, name)
}
