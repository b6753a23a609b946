package decision

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// DecideBlind decides what can be decided without asking Atlas: how a deletion may end without it, and whether the
// resource is not to be touched. ActObserve means that Atlas has to be read.
func DecideBlind(o *Observation) Decision {
	if o.BeingDeleted {
		return decideBlindDeletion(o)
	}
	if o.Spec.ManagementPolicy == v1alpha1.Paused {
		return Decision{
			Pace:   PaceNever,
			Synced: NewCondition(StatusUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: nothing is read or changed."),
		}
	}
	return Decision{Act: ActObserve}
}

// Decide decides on the whole observation. It has no side effects.
func Decide(o *Observation) Decision {
	switch {
	case o.BeingDeleted:
		return decideDeletion(o)
	case o.Spec.ManagementPolicy == v1alpha1.Observe:
		return decideObserved(o)
	case o.IsOwned():
		return decideOwned(o)
	case o.OpenClaim():
		return decideClaimed(o)
	default:
		return decideNew(o)
	}
}

// decideOwned: the resource has an object. Keep it as the spec says.
func decideOwned(o *Observation) Decision {
	switch {
	case o.NameConflict != nil:
		return Stall(v1alpha1.ReasonConflict, fmt.Sprintf(
			"Atlas has another %s of this name (id %s) than the one of this resource (id %s): delete it in Atlas, or delete this resource with deletionPolicy Retain and create it anew.", o.Kind, o.NameConflict.ID, o.ID))
	case o.Owned == nil && o.Gone != AbsenceCertain:
		return waitUntilShown(o)
	case o.Owned == nil:
		return decideLost(o)
	case o.Owner != "":
		return AlreadyManaged(o, o.Owned.ID, o.Owner)
	case o.Recreate == o.Owned.ID && !o.Owned.Anonymous:
		return decideReplacement(o)
	case o.Owned.Class() == StateDeleting:
		return StateOf(o.Owned)
	case len(o.Owned.fixed()) > 0:
		return recreateRequired(o)
	case o.SecretGate != nil && o.Owned.Class() == StateReady:
		return decideUnreadable(o)
	case len(o.Owned.Differences) > 0 || o.ResendSecrets:
		return decideUpdate(o)
	default:
		return decideFromAtlas(o)
	}
}

// waitUntilShown: the object ought to be there and no list shows it yet, or it is not certainly gone.
func waitUntilShown(o *Observation) Decision {
	return Decision{Pace: PacePending, Progress: ProgressReconciling, KeepReady: true,
		Ready: NewCondition(StatusFalse, v1alpha1.ReasonCreating, fmt.Sprintf("Waiting until Atlas shows the %s %s.", o.Kind, o.ID))}
}

// decideLost: the object is certainly gone, and not by us.
func decideLost(o *Observation) Decision {
	missing := NewCondition(StatusFalse, v1alpha1.ReasonMissing, fmt.Sprintf("Atlas no longer has the %s %s.", o.Kind, o.ID))
	if o.Spec.DriftPolicy == v1alpha1.Report && o.Recreate != o.ID {
		return Decision{
			Ready: NewCondition(StatusFalse, v1alpha1.ReasonNotFound, fmt.Sprintf(
				"Atlas no longer has the %s %s. It is not created again because driftPolicy is Report: set Correct to have it created.", o.Kind, o.ID)),
			Synced: missing,
		}
	}
	return decideFresh(o, missing)
}

// decideCreate decides to claim and POST, once nothing stands before it.
func decideCreate(o *Observation, synced *Condition) Decision {
	if gate := cmp.Or(o.Gate, o.SecretGate); gate != nil {
		d := waitForBlocker(gate)
		d.Synced = synced
		if gate == o.SecretGate {
			d.Synced = NewCondition(StatusFalse, gate.Reason, gate.Message)
		}
		return d
	}
	return Decision{
		Act: ActCreate, Pace: PacePending, Progress: ProgressReconciling, Synced: synced,
		Ready: NewCondition(StatusFalse, v1alpha1.ReasonCreating, fmt.Sprintf("The %s is being created in Atlas.", o.Kind)),
	}
}

// decideReplacement: the user requested to replace this very object.
func decideReplacement(o *Observation) Decision {
	if !o.mayDestroy() {
		return Stall(v1alpha1.ReasonAlreadyExists, fmt.Sprintf(
			"The %s %s was adopted, and the operator's default credentials do not replace what was adopted. Use credentials of your own, or remove the annotation %s.", o.Kind, o.ID, v1alpha1.AnnotationRecreate))
	}
	if len(o.Users) > 0 {
		d := WaitFor(v1alpha1.ReasonInUse, fmt.Sprintf(
			"The %s %s cannot be replaced while it is used by %s: recreate those first, or delete them.", o.Kind, o.ID, Listed(o.Users)))
		d.Pace = PaceSteady
		return d
	}
	if gate := cmp.Or(o.Gate, o.SecretGate); gate != nil {
		// Nothing is destroyed before its successor can be made.
		d := waitForBlocker(gate)
		d.Target, d.KeepReady = o.Owned, true
		return d
	}
	d := WaitFor(v1alpha1.ReasonDeleting, fmt.Sprintf("The %s %s is being deleted to be created again.", o.Kind, o.ID))
	if mayDelete(o) {
		d.Act, d.Target, d.Remove = ActDelete, o.Owned, o.ID
	}
	return d
}

// mayDelete reports whether a DELETE is due: Atlas is not deleting already, and our last one has had its time.
func mayDelete(o *Observation) bool {
	switch o.Owned.Class() {
	case StateDeleting:
		return false
	case StateFailed:
		return o.Now.After(o.DeleteSent.Add(max(o.Poll, FailureDelay(o.Deletes))))
	default:
		return o.Settled(o.DeleteSent)
	}
}

func recreateRequired(o *Observation) Decision {
	message := fmt.Sprintf("Atlas cannot change %s of the %s %s in place. %s To keep it, %s.",
		Paths(o.Owned.fixed()), o.Kind, o.ID, RecreateAdvice(o.ID, o.Recreate), keepAdvice(o.Owned.fixed()))
	if o.Owned.Anonymous {
		// Without an id of its own a new object looks like the old one: it would be replaced again and again.
		message = fmt.Sprintf("Atlas cannot change %s of the %s in place. Delete this resource and create it again. To keep the object, %s.", Paths(o.Owned.fixed()), o.Kind, keepAdvice(o.Owned.fixed()))
	}
	d := Stall(v1alpha1.ReasonRecreateRequired, message)
	d.Target = o.Owned
	d.Synced = syncedWith(o.Owned)
	return d
}

// keepAdvice says how to keep an object that differs in fields that Atlas cannot change. Of these the API server lets
// only the networking of a connection be edited.
func keepAdvice(fixed []Difference) string {
	for _, d := range fixed {
		if !strings.HasPrefix(d.Path, "networking") {
			return "delete this resource with deletionPolicy Retain, and create it with the values that Atlas has"
		}
	}
	return "put the old value back into the spec"
}

// decideUpdate: Atlas differs in fields that can change, or secrets have to be sent.
func decideUpdate(o *Observation) Decision {
	d := decideFromAtlas(o)
	d.Synced = syncedWith(o.Owned)
	if o.Owned.Equal() {
		d.Synced = NewCondition(StatusFalse, v1alpha1.ReasonDrifted, "The values of Secrets that the spec names are being sent.")
	}
	switch {
	case o.Patched && !o.ResendSecrets:
		d.Synced = NewCondition(StatusFalse, v1alpha1.ReasonDrifted, fmt.Sprintf("Atlas took a change of %s and still holds other values: it may not support changing or removing them.", Paths(o.Owned.Differences)))
		return d
	case o.Spec.DriftPolicy == v1alpha1.Report && !o.SpecChanged && !o.ResendSecrets:
		return d
	case o.SecretGate != nil:
		d.Synced = NewCondition(StatusFalse, o.SecretGate.Reason, o.SecretGate.Message)
		return d
	case !o.SpecChanged && !o.ResendSecrets && !o.Settled(o.LastWrite):
		// Lists may lag behind our own last write: what looks like drift now may be gone in a moment.
		d.Synced, d.Pace = nil, PacePending
		return d
	}
	d.Act, d.Pace, d.Progress = ActUpdate, PacePending, ProgressReconciling
	return d
}

// decideUnreadable: a Secret or ConfigMap is missing. Atlas keeps the last good values, and Ready what Atlas said
// for this generation; a new generation is not there before its Secrets are.
func decideUnreadable(o *Observation) Decision {
	d := StateOf(o.Owned)
	d.Synced = NewCondition(StatusFalse, o.SecretGate.Reason, o.SecretGate.Message)
	d.Ready, d.KeepReady, d.Progress = d.Synced, true, ProgressReconciling
	return d
}

// decideFromAtlas: Ready is Atlas's state, and everything is in sync.
func decideFromAtlas(o *Observation) Decision {
	d := StateOf(o.Owned)
	d.Synced = syncedWith(o.Owned)
	if o.SecretGate != nil {
		d.Synced = NewCondition(StatusFalse, o.SecretGate.Reason, o.SecretGate.Message)
	}
	return d
}

// StateOf is the decision to report the state of an object.
func StateOf(found *RemoteObject) Decision {
	d := Decision{Target: found}
	switch found.Class() {
	case StateReady:
	case StateFailed:
		d.Progress = ProgressStalled
	default:
		d.Pace, d.Progress = PacePending, ProgressReconciling
	}
	return d
}

// syncedWith says whether Atlas holds what the spec says.
func syncedWith(found *RemoteObject) *Condition {
	if found.Equal() {
		return NewCondition(StatusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	}
	return NewCondition(StatusFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+Paths(found.Differences)+".")
}

// decideObserved: Atlas is only read. Any number of resources may look at one object.
func decideObserved(o *Observation) Decision {
	found := observed(o)
	switch {
	case o.ImportID != "" && o.ImportMissing && !o.IsOwned():
		d := Stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId.", o.Kind, o.ImportID))
		d.Synced, d.Nothing = NewCondition(StatusFalse, v1alpha1.ReasonMissing, d.Ready.Message), true
		return d
	case len(found) == 0:
		message := fmt.Sprintf("Atlas has no such %s; managementPolicy is Observe, so none is created.", o.Kind)
		return Decision{
			Pace: PacePending, Progress: ProgressReconciling, Nothing: true,
			Ready:  NewCondition(StatusFalse, v1alpha1.ReasonNotFound, message),
			Synced: NewCondition(StatusFalse, v1alpha1.ReasonMissing, message),
		}
	case len(found) > 1:
		d := WaitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Several match (%s): %s.", ids(found), cmp.Or(o.ChooseAdvice, "set spec.importId to one of these ids, or more fields")))
		d.Synced, d.Nothing = NewCondition(StatusUnknown, v1alpha1.ReasonAmbiguous, d.Ready.Message), true
		return d
	}
	d := StateOf(&found[0])
	d.Synced = syncedWith(&found[0])
	return d
}

// observed are the objects that an observing resource may mean.
func observed(o *Observation) []RemoteObject {
	switch {
	case o.IsOwned() && o.Owned != nil:
		return []RemoteObject{*o.Owned}
	case o.IsOwned():
		return nil
	case o.ImportID != "" && o.Imported != nil:
		return []RemoteObject{*o.Imported}
	case o.ImportID != "":
		return nil
	case len(o.Candidates) > 0:
		return o.Candidates
	default:
		return o.Deleting
	}
}
