package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// memory is what this process knows of one resource beyond its status. Losing it at a restart costs a few calls and
// some time, never safety.
type memory struct {
	uid types.UID
	// since is when this process first saw the resource.
	since time.Time
	// made is an object that our POST made and whose id may not be in the status yet.
	made *made
	// claim is the claim of the status, claimSeen when this process made it or first saw it. Time is counted from there:
	// the clocks of two machines are never compared.
	claim, claimSeen time.Time
	// absentSince is when the first complete list began that, after claim and settle, did not show a claimed object.
	absentSince time.Time
	// missingSince is when the first list began that, after a GET, did not show the owned object of id missing, with
	// nothing to the contrary since.
	missingSince time.Time
	missing      string
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
	// kept is what the status last said of the object and the claim, should others take it away; zero for neither.
	kept v1alpha1.ManagedStatus
	// stopWatch ends the watch of the object in Atlas; nil when it is not watched.
	stopWatch func()
	// patched are the differences that our last PATCH was to mend, and the generation that it was for.
	patched patched
	// replaced is the last object that the user wished to have replaced.
	replaced string
	// warned are the warnings about the spec that were told.
	warned warned
	// first is what this process saw in its first reconciliation; nil before.
	first *firstSeen
	// driftedAt is when drift was found that has not been repaired since.
	driftedAt time.Time
}

// firstSeen has the generation that the status was about, and the recreate annotation. Warned: warnings about the spec
// were looked for since.
type firstSeen struct {
	generation int64
	recreate   string
	warned     bool
}

func (m *memory) firstReconciliation(observed int64, recreate string) *firstSeen {
	if m.first == nil {
		m.first = &firstSeen{generation: observed, recreate: recreate}
	}
	return m.first
}

// patched is what a PATCH was to mend.
type patched struct {
	paths      string
	generation int64
	at         time.Time
}

// patchStillOpen reports whether Atlas took a PATCH for the very differences that it still shows: sending it again
// and again would not help.
func (m *memory) patchStillOpen(o *decision.Observation, generation int64) bool {
	return o.Owned != nil && !o.Owned.Equal() && m.patched.generation == generation &&
		m.patched.paths == decision.Paths(o.Owned.Differences) && o.Settled(m.patched.at)
}

// sawClaim returns when this process made or first saw the claim.
func (m *memory) sawClaim(claim, now time.Time) time.Time {
	if !m.claim.Equal(claim) {
		m.claim, m.claimSeen = claim, now
	}
	return m.claimSeen
}

// keep remembers what the saved status says of the object and the claim.
func (m *memory) keep(status *v1alpha1.ManagedStatus) {
	m.kept = v1alpha1.ManagedStatus{}
	if status.Owned() || status.OpenClaim() {
		m.kept.ID, m.kept.Ownership, m.kept.CreateRequestedAt = status.ID, status.Ownership, status.CreateRequestedAt.DeepCopy()
	}
}

// sawMissing notes that a list, begun after a GET that said the same, does not show the object of that id, and returns
// when the first such list began.
func (m *memory) sawMissing(id string, begun time.Time) time.Time {
	if m.missing != id || m.missingSince.IsZero() {
		m.missing, m.missingSince = id, begun
	}
	return m.missingSince
}

// sawThere notes that Atlas shows the owned object.
func (m *memory) sawThere() { m.missing, m.missingSince = "", time.Time{} }

// unwatch ends the watch of the object in Atlas, if there is one.
func (m *memory) unwatch() {
	if m != nil && m.stopWatch != nil {
		m.stopWatch()
		m.stopWatch = nil
	}
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
	blocker     *decision.Blocker
	// specRefused: Atlas refused the request for its own sake.
	specRefused bool
	// failure is what Atlas answered to a POST whose outcome is unknown: the first answer, for they may differ from try to
	// try.
	failure string
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
