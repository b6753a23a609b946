package decision

import (
	"fmt"
	"slices"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideBlindDeletion decides, in this order: abandon, then Observe and Retain, then Paused, then Delete.
func decideBlindDeletion(o *Observation) Decision {
	switch {
	case o.Abandon:
		return finish(v1alpha1.EventAbandoned, abandonedNote(o))
	case o.Spec.ManagementPolicy == v1alpha1.Observe && !o.IsOwned() && !o.OpenClaim():
		return finish("", "") // it was only looked at
	case o.Spec.ManagementPolicy == v1alpha1.Observe:
		return finish(v1alpha1.EventRetained, retainedNote(o, "managementPolicy Observe"))
	case o.Spec.DeletionPolicy == v1alpha1.Retain:
		return finish(v1alpha1.EventRetained, retainedNote(o, "deletionPolicy Retain"))
	case o.Spec.ManagementPolicy == v1alpha1.Paused:
		return Decision{
			Pace: PaceNever, Progress: ProgressReconciling,
			Ready: NewCondition(StatusFalse, v1alpha1.ReasonPaused, fmt.Sprintf(
				"The deletion waits because managementPolicy is Paused: set Manage to delete the %s in Atlas, deletionPolicy Retain to keep it, or %s.", o.Kind, AbandonHint)),
		}
	case !o.IsOwned() && !o.OpenClaim():
		return finish("", "")
	default:
		return Decision{Act: ActObserve}
	}
}

// decideDeletion: the finalizer goes only when the object is certainly absent.
func decideDeletion(o *Observation) Decision {
	if o.OpenClaim() {
		return decideClaimedDeletion(o)
	}
	d := WaitFor(v1alpha1.ReasonDeleting, DeletingMessage(o))
	switch {
	case !o.mayDestroy():
		return finish(v1alpha1.EventRetained, retainedNote(o, "it was adopted, and the operator's default credentials delete nothing that was adopted"))
	case o.NameConflict != nil && o.Gone == AbsenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas; another one now has its name and stays.", o.Kind, o.ID))
	case o.NameConflict != nil:
		return d
	case o.Owner != "":
		return finish(v1alpha1.EventRetained, fmt.Sprintf("The %s %s stays in Atlas: it belongs to %s.", o.Kind, o.ID, o.Owner))
	case o.Owned == nil:
		return decideUnseenDeletion(o, d)
	case len(o.Users) > 0:
		d = WaitFor(v1alpha1.ReasonInUse, fmt.Sprintf("The %s is used by %s: it is deleted when they are gone.", o.Kind, Listed(o.Users)))
		d.Users, d.Pace = o.Users, PaceSteady
		return d
	case mayDelete(o):
		d.Act, d.Remove = ActDelete, o.ID
	}
	d.Target = o.Owned
	return d
}

// decideUnseenDeletion: Atlas does not show the object. It may be there nevertheless, so the finalizer never goes
// without a DELETE.
func decideUnseenDeletion(o *Observation, d Decision) Decision {
	switch sent := !o.DeleteSent.IsZero(); {
	case sent && o.Gone == AbsenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas.", o.Kind, o.ID))
	case !sent && (len(o.Users) == 0 || o.Gone == AbsenceCertain):
		d.Act, d.Remove = ActDelete, o.ID
	}
	return d
}

// decideClaimedDeletion: a POST may have made an object; it is found first, and then deleted.
func decideClaimedDeletion(o *Observation) Decision {
	ours, others := ClaimedAmong(o)
	others = slices.DeleteFunc(others, func(found RemoteObject) bool { return found.Owner != "" })
	switch {
	case len(ours) == 1:
		return Decision{Act: ActAdopt, Target: &ours[0], Ownership: v1alpha1.OwnershipCreated, Pace: PacePending, Progress: ProgressReconciling}
	case len(ours) > 1:
		return WaitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"One of these may have been made for this resource: %s. Delete it in Atlas, or %s.", ids(ours), AbandonHint))
	case claimExpired(o) && len(others) > 0:
		return WaitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"It is not certain whether one of these was made for this resource: %s. Delete it in Atlas if so, and %s.", ids(others), AbandonHint))
	case claimExpired(o), o.Gone == AbsenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The requested creation of the %s made nothing in Atlas.", o.Kind))
	default:
		return WaitFor(v1alpha1.ReasonDeleting, DeletingMessage(o))
	}
}

// DeletingMessage is one message for all of it: each change of a message is a write.
func DeletingMessage(o *Observation) string {
	if o.OpenClaim() {
		return fmt.Sprintf("The creation of the %s was requested and not confirmed. The operator reads Atlas until it is certain whether there is anything to delete.", o.Kind)
	}
	return fmt.Sprintf("The %s %s is being deleted in Atlas.", o.Kind, o.ID)
}

func finish(event, note string) Decision {
	return Decision{Act: ActFinish, Pace: PaceNever, Event: event, Note: note}
}

// AbandonHint is the way out of every deletion that waits.
const AbandonHint = "set the annotation " + v1alpha1.AnnotationAbandon + `="true" to let the deletion finish without Atlas`

func abandonedNote(o *Observation) string {
	switch {
	case o.IsOwned():
		return fmt.Sprintf("The deletion finished without Atlas; the %s %s may still exist there.", o.Kind, o.ID)
	case o.OpenClaim():
		return fmt.Sprintf("The deletion finished without Atlas; a %s whose creation was requested may exist there.", o.Kind)
	default:
		return "The deletion finished without Atlas."
	}
}

// retainedNote says what stays, by the policy that keeps it.
func retainedNote(o *Observation, policy string) string {
	switch {
	case o.ID != "":
		return fmt.Sprintf("The %s %s stays in Atlas (%s).", o.Kind, o.ID, policy)
	case o.OpenClaim():
		return fmt.Sprintf("A %s whose creation was requested may exist in Atlas and stays there (%s).", o.Kind, policy)
	default:
		return fmt.Sprintf("No %s was made in Atlas.", o.Kind)
	}
}
