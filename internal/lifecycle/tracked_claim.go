package lifecycle

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

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
	kept *keptStatus
}

// made is the answer to a POST, or what was found of it: the id belongs to the claim of that moment.
type made struct {
	claim time.Time
	id    string
}

// keptStatus is the part of a status that must not be lost.
type keptStatus struct {
	id        string
	ownership v1alpha1.Ownership
	claim     *metav1.MicroTime
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
		t.kept = &keptStatus{id: status.ID, ownership: status.Ownership, claim: status.CreateRequestedAt.DeepCopy()}
	}
}
