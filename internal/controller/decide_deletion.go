package controller

import (
	"fmt"
	"slices"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideBlindDeletion decides, in this order: abandon, then Observe and Retain, then Paused, then Delete.
func decideBlindDeletion(o *observation) decision {
	switch {
	case o.abandon:
		return finish(v1alpha1.EventAbandoned, abandonedNote(o))
	case o.spec.ManagementPolicy == v1alpha1.Observe && !o.isOwned() && !o.openClaim():
		return finish("", "") // it was only looked at
	case o.spec.ManagementPolicy == v1alpha1.Observe:
		return finish(v1alpha1.EventRetained, retainedNote(o, "managementPolicy Observe"))
	case o.spec.DeletionPolicy == v1alpha1.Retain:
		return finish(v1alpha1.EventRetained, retainedNote(o, "deletionPolicy Retain"))
	case o.spec.ManagementPolicy == v1alpha1.Paused:
		return decision{
			pace: paceNever, progress: progressReconciling,
			ready: newCondition(statusFalse, v1alpha1.ReasonPaused, fmt.Sprintf(
				"The deletion waits because managementPolicy is Paused: set Manage to delete the %s in Atlas, deletionPolicy Retain to keep it, or %s.", o.kind, abandonHint)),
		}
	case !o.isOwned() && !o.openClaim():
		return finish("", "")
	default:
		return decision{act: actObserve}
	}
}

// decideDeletion: the finalizer goes only when the object is certainly absent.
func decideDeletion(o *observation) decision {
	if o.openClaim() {
		return decideClaimedDeletion(o)
	}
	switch {
	case !o.mayDestroy():
		return finish(v1alpha1.EventRetained, retainedNote(o, "it was adopted, and the operator's default credentials delete nothing that was adopted"))
	case o.nameConflict != nil && o.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas; another one now has its name and stays.", o.kind, o.id))
	case o.nameConflict != nil:
		return waitFor(v1alpha1.ReasonDeleting, deletingMessage(o))
	case o.owner != "":
		return finish(v1alpha1.EventRetained, fmt.Sprintf("The %s %s stays in Atlas: it belongs to %s.", o.kind, o.id, o.owner))
	case o.owned == nil:
		return decideUnseenDeletion(o)
	case len(o.users) > 0:
		d := waitFor(v1alpha1.ReasonInUse, fmt.Sprintf("The %s is used by %s: it is deleted when they are gone.", o.kind, listed(o.users)))
		d.users, d.pace = o.users, paceSteady
		return d
	case !mayDelete(o):
		d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(o))
		d.target = o.owned
		return d
	default:
		d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(o))
		d.act, d.target, d.remove = actDelete, o.owned, o.id
		return d
	}
}

// decideUnseenDeletion: Atlas does not show the object. It may be there nevertheless, so the finalizer never goes
// without a DELETE.
func decideUnseenDeletion(o *observation) decision {
	d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(o))
	switch sent := !o.deleteSent.IsZero(); {
	case sent && o.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas.", o.kind, o.id))
	case !sent && (len(o.users) == 0 || o.gone == absenceCertain):
		d.act, d.remove = actDelete, o.id
	}
	return d
}

// decideClaimedDeletion: a POST may have made an object; it is found first, and then deleted.
func decideClaimedDeletion(o *observation) decision {
	ours, others := claimedAmong(o)
	others = slices.DeleteFunc(others, func(v remoteObject) bool { return v.owner != "" })
	switch {
	case len(ours) == 1:
		return decision{act: actAdopt, target: &ours[0], ownership: v1alpha1.OwnershipCreated, pace: pacePending, progress: progressReconciling}
	case len(ours) > 1:
		return waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"One of these may have been made for this resource: %s. Delete it in Atlas, or %s.", ids(ours), abandonHint))
	case claimExpired(o) && len(others) > 0:
		return waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"It is not certain whether one of these was made for this resource: %s. Delete it in Atlas if so, and %s.", ids(others), abandonHint))
	case claimExpired(o), o.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The requested creation of the %s made nothing in Atlas.", o.kind))
	default:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"The creation of the %s was requested and not confirmed: Atlas is asked until it is certain whether there is anything to delete.", o.kind))
	}
}

// deletingMessage is one message for all of it: each change of a message is a write.
func deletingMessage(o *observation) string {
	return fmt.Sprintf("The %s %s is being deleted in Atlas.", o.kind, o.id)
}

func finish(event, note string) decision {
	return decision{act: actFinish, pace: paceNever, event: event, note: note}
}

// abandonHint is the way out of every deletion that waits.
const abandonHint = "set the annotation " + v1alpha1.AnnotationAbandon + `="true" to let the deletion finish without Atlas`

func abandonedNote(o *observation) string {
	switch {
	case o.isOwned():
		return fmt.Sprintf("The deletion finished without Atlas; the %s %s may still exist there.", o.kind, o.id)
	case o.openClaim():
		return fmt.Sprintf("The deletion finished without Atlas; a %s whose creation was requested may exist there.", o.kind)
	default:
		return "The deletion finished without Atlas."
	}
}

// retainedNote says what stays, by the policy that keeps it.
func retainedNote(o *observation, policy string) string {
	switch {
	case o.id != "":
		return fmt.Sprintf("The %s %s stays in Atlas (%s).", o.kind, o.id, policy)
	case o.openClaim():
		return fmt.Sprintf("A %s whose creation was requested may exist in Atlas and stays there (%s).", o.kind, policy)
	default:
		return fmt.Sprintf("No %s was made in Atlas.", o.kind)
	}
}
