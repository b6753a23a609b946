package controller

import (
	"fmt"
	"slices"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideBlindDeletion decides, in this order: abandon, then Observe and Retain, then Paused, then Delete.
func decideBlindDeletion(s *situation) decision {
	switch {
	case s.abandon:
		return finish(v1alpha1.EventAbandoned, abandonedNote(s))
	case s.spec.ManagementPolicy == v1alpha1.Observe && !s.owned() && !s.openClaim():
		return finish("", "") // it was only looked at
	case s.spec.ManagementPolicy == v1alpha1.Observe:
		return finish(v1alpha1.EventRetained, retainedNote(s, "managementPolicy Observe"))
	case s.spec.DeletionPolicy == v1alpha1.Retain:
		return finish(v1alpha1.EventRetained, retainedNote(s, "deletionPolicy Retain"))
	case s.spec.ManagementPolicy == v1alpha1.Paused:
		return decision{
			pace: paceNever, progress: progressReconciling,
			ready: says(isFalse, v1alpha1.ReasonPaused, fmt.Sprintf(
				"The deletion waits because managementPolicy is Paused: set Manage to delete the %s in Atlas, deletionPolicy Retain to keep it, or %s.", s.kind, abandonHint)),
		}
	case !s.owned() && !s.openClaim():
		return finish("", "")
	default:
		return decision{act: actLook}
	}
}

// decideDeletion: the finalizer goes only when the object is certainly absent.
func decideDeletion(s *situation) decision {
	if s.openClaim() {
		return decideClaimedDeletion(s)
	}
	switch {
	case !s.mayDestroy():
		return finish(v1alpha1.EventRetained, retainedNote(s, "it was adopted, and the operator's default credentials delete nothing that was adopted"))
	case s.impostor != nil && s.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas; another one now has its name and stays.", s.kind, s.id))
	case s.impostor != nil:
		return waitFor(v1alpha1.ReasonDeleting, deletingMessage(s))
	case s.owner != "":
		return finish(v1alpha1.EventRetained, fmt.Sprintf("The %s %s stays in Atlas: it belongs to %s.", s.kind, s.id, s.owner))
	case s.mine == nil:
		return decideUnseenDeletion(s)
	case len(s.users) > 0:
		d := waitFor(v1alpha1.ReasonInUse, fmt.Sprintf("The %s is used by %s: it is deleted when they are gone.", s.kind, listed(s.users)))
		d.users, d.pace = s.users, paceSteady
		return d
	case !mayDelete(s):
		d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(s))
		d.target = s.mine
		return d
	default:
		d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(s))
		d.act, d.target, d.remove = actDelete, s.mine, s.id
		return d
	}
}

// decideUnseenDeletion: Atlas does not show the object. It may be there nevertheless, so the finalizer never goes without
// a DELETE.
func decideUnseenDeletion(s *situation) decision {
	d := waitFor(v1alpha1.ReasonDeleting, deletingMessage(s))
	switch sent := !s.deleteSent.IsZero(); {
	case sent && s.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The %s %s is gone from Atlas.", s.kind, s.id))
	case !sent && (len(s.users) == 0 || s.gone == absenceCertain):
		d.act, d.remove = actDelete, s.id
	}
	return d
}

// decideClaimedDeletion: a POST may have made an object; it is found first, and then deleted.
func decideClaimedDeletion(s *situation) decision {
	ours, others := claimedAmong(s)
	others = slices.DeleteFunc(others, func(v view) bool { return v.owner != "" })
	switch {
	case len(ours) == 1:
		return decision{act: actTake, target: &ours[0], ownership: v1alpha1.OwnershipCreated, pace: pacePending, progress: progressReconciling}
	case len(ours) > 1:
		return waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"One of these may have been made for this resource: %s. Delete it in Atlas, or %s.", ids(ours), abandonHint))
	case claimExpired(s) && len(others) > 0:
		return waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"It is not certain whether one of these was made for this resource: %s. Delete it in Atlas if so, and %s.", ids(others), abandonHint))
	case claimExpired(s), s.gone == absenceCertain:
		return finish(v1alpha1.EventDeleted, fmt.Sprintf("The requested creation of the %s made nothing in Atlas.", s.kind))
	default:
		return waitFor(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"The creation of the %s was requested and not confirmed: Atlas is asked until it is certain whether there is anything to delete.", s.kind))
	}
}

// deletingMessage is one message for all of it: each change of a message is a write.
func deletingMessage(s *situation) string {
	return fmt.Sprintf("The %s %s is being deleted in Atlas.", s.kind, s.id)
}

func finish(event, note string) decision {
	return decision{act: actFinish, pace: paceNever, event: event, note: note}
}

// abandonHint is the way out of every deletion that waits.
const abandonHint = "set the annotation " + v1alpha1.AnnotationAbandon + `="true" to let the deletion finish without Atlas`

func abandonedNote(s *situation) string {
	switch {
	case s.owned():
		return fmt.Sprintf("The deletion finished without Atlas; the %s %s may still exist there.", s.kind, s.id)
	case s.openClaim():
		return fmt.Sprintf("The deletion finished without Atlas; a %s whose creation was requested may exist there.", s.kind)
	default:
		return "The deletion finished without Atlas."
	}
}

// retainedNote says what stays, by the policy that keeps it.
func retainedNote(s *situation, policy string) string {
	switch {
	case s.id != "":
		return fmt.Sprintf("The %s %s stays in Atlas (%s).", s.kind, s.id, policy)
	case s.openClaim():
		return fmt.Sprintf("A %s whose creation was requested may exist in Atlas and stays there (%s).", s.kind, policy)
	default:
		return fmt.Sprintf("No %s was made in Atlas.", s.kind)
	}
}
