package decision

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideClaimed: a POST went out, or may have, and its outcome is unknown. Another POST comes only after lists and
// time have shown that the first made nothing.
func decideClaimed(o *Observation) Decision {
	ours, _ := ClaimedAmong(o)
	if chosen := slices.IndexFunc(ours, func(found RemoteObject) bool { return found.ID == o.ImportID }); chosen >= 0 {
		ours = ours[chosen : chosen+1]
	}
	switch {
	case len(ours) == 1:
		return Decision{Act: ActAdopt, Target: &ours[0], Ownership: v1alpha1.OwnershipCreated, Pace: PacePending, Progress: ProgressReconciling}
	case len(ours) > 1:
		return ambiguous(ours)
	case !claimExpired(o) && o.Exists != "":
		return WaitFor(v1alpha1.ReasonCreating, fmt.Sprintf("Atlas reports that the %s exists (%s) and does not show it yet. The operator keeps looking for it.", o.Kind, o.Exists))
	case !claimExpired(o) && o.Failure != "":
		return Unconfirmed(o)
	case !claimExpired(o):
		return WaitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"The creation of the %s was requested and Atlas has not confirmed it. Before it is requested again, the operator reads Atlas until it is certain that nothing was made.", o.Kind))
	default:
		return decideNew(o)
	}
}

// Unconfirmed reports how Atlas answered a POST of unknown outcome. It is one message for as long as that goes on, with
// the claim open or, between two requests, closed: each change of a message is a write.
func Unconfirmed(o *Observation) Decision {
	d := WaitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
		"The request to create the %s failed (%s), and it is not known whether Atlas carried it out. The operator reads Atlas until it is certain that nothing was made. Then the spec can be changed, and the request is repeated.", o.Kind, o.Failure))
	d.Synced = NewCondition(StatusUnknown, v1alpha1.ReasonAtlasUnreachable, d.Ready.Message)
	return d
}

// ClaimedAmong parts the candidates into those that our unanswered POST may have made and the others.
func ClaimedAmong(o *Observation) (ours, others []RemoteObject) {
	for _, found := range o.Candidates {
		if found.Owner == "" && found.couldBeClaimed() {
			ours = append(ours, found)
		} else {
			others = append(others, found)
		}
	}
	return ours, others
}

// couldBeClaimed reports whether an unanswered POST of this resource made the object: it is equal, or it is a
// connection, which is matched by its name, and whatever differs can be mended by a PATCH.
func (r RemoteObject) couldBeClaimed() bool {
	return !r.Doubtful && (r.Equal() || (r.Named && len(r.fixed()) == 0))
}

// claimExpired: two complete lists, begun after claim and settle, did not show the object. They are at least a poll
// and settle apart, so that no hole in Atlas's reads that is shorter than settle hides the object from both.
func claimExpired(o *Observation) bool {
	return o.ListBegun.After(o.Claim.Add(o.Settle)) &&
		!o.AbsentSince.IsZero() && o.ListBegun.Sub(o.AbsentSince) >= max(o.Poll, o.Settle)
}

// decideNew: nothing is owned and no claim is open.
func decideNew(o *Observation) Decision {
	if o.ImportID != "" {
		return decideImport(o)
	}
	return decideFresh(o, NewCondition(StatusFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas has no such %s yet.", o.Kind)))
}

// decideFresh: match what Atlas has before anything is created, also in place of an object that was lost: what a
// lost answer hid may be there.
func decideFresh(o *Observation, missing *Condition) Decision {
	switch {
	case o.Preceding != "":
		return Preceded(o, o.Preceding)
	case o.Untried != "":
		return WaitFor(v1alpha1.ReasonCreating, fmt.Sprintf(
			"%s describes the same %s and is older. Its credentials are tried first.", o.Untried, o.Kind))
	case len(o.Candidates) > 0:
		return decideMatched(o, o.Candidates)
	case len(o.Deleting) > 0:
		return WaitFor(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"Atlas is still deleting an earlier %s (%s); a new one is created when it is gone.", o.Kind, ids(o.Deleting)))
	default:
		return decideCreate(o, missing)
	}
}

func decideImport(o *Observation) Decision {
	switch {
	case o.ImportMissing:
		return Stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId, or remove it to have a new one created.", o.Kind, o.ImportID))
	case o.Imported == nil:
		return WaitFor(v1alpha1.ReasonImportNotFound, fmt.Sprintf("Looking for the %s %s of spec.importId.", o.Kind, o.ImportID))
	case o.Imported.Class() == StateDeleting:
		return WaitFor(v1alpha1.ReasonDeleting, fmt.Sprintf("The %s %s of spec.importId is being deleted in Atlas.", o.Kind, o.ImportID))
	default:
		return decideMatched(o, []RemoteObject{*o.Imported})
	}
}

// decideMatched: Atlas already has what the spec describes.
func decideMatched(o *Observation, candidates []RemoteObject) Decision {
	for _, found := range candidates {
		if found.Owner != "" {
			return AlreadyManaged(o, found.ID, found.Owner)
		}
	}
	if len(candidates) > 1 {
		return ambiguous(candidates)
	}
	if gate := cmp.Or(o.Gate, o.SecretGate); gate != nil {
		return waitForBlocker(gate)
	}
	return decideAdoption(o, &candidates[0])
}

func decideAdoption(o *Observation, found *RemoteObject) Decision {
	policy := o.Spec.AdoptionPolicy
	adopt := Decision{Act: ActAdopt, Target: found, Ownership: v1alpha1.OwnershipAdopted, Pace: PacePending, Progress: ProgressReconciling}
	switch {
	case found.Doubtful:
		return Stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Atlas does not show whether the %s %s was made for this resource. Set spec.importId to that id if it was, or delete it in Atlas.", o.Kind, found.ID))
	case o.FromDefaults && o.Spec.DeletionPolicy != v1alpha1.Retain:
		return Stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists, and with the operator's default credentials it is taken over only with deletionPolicy Retain: set that, or use credentials of your own.", o.Kind, found.ID))
	case policy == v1alpha1.AdoptNever && o.ImportID == "":
		return Stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s already exists and adoptionPolicy is Never: set IfMatches or Always to take it over, or delete it.", o.Kind, found.ID))
	case found.Equal() || policy == v1alpha1.AdoptAlways:
		return adopt
	default:
		return Stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"The %s %s already exists and differs in: %s. %s, or set adoptionPolicy Always to bring it in line.", o.Kind, found.ID, Paths(found.Differences), conflictAdvice(o, found)))
	}
}
