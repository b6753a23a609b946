package controller

import (
	"fmt"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideObserved: Atlas is only read. Any number of resources may look at one object.
func decideObserved(o *observation) decision {
	found := observed(o)
	switch {
	case o.importID != "" && o.importMissing && !o.isOwned():
		d := stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId.", o.kind, o.importID))
		d.synced, d.nothing = newCondition(statusFalse, v1alpha1.ReasonMissing, d.ready.message), true
		return d
	case len(found) == 0:
		message := fmt.Sprintf("Atlas has no such %s; managementPolicy is Observe, so none is created.", o.kind)
		return decision{
			pace: pacePending, progress: progressReconciling, nothing: true,
			ready:  newCondition(statusFalse, v1alpha1.ReasonNotFound, message),
			synced: newCondition(statusFalse, v1alpha1.ReasonMissing, message),
		}
	case len(found) > 1:
		d := waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Several match (%s): set spec.importId to one of these ids, or more fields.", ids(found)))
		d.synced, d.nothing = newCondition(statusUnknown, v1alpha1.ReasonAmbiguous, d.ready.message), true
		return d
	}
	d := stateOf(&found[0], paceSteady)
	d.synced = newCondition(statusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if !found[0].equal() {
		d.synced = newCondition(statusFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(found[0].differences)+".")
	}
	return d
}

// observed are the objects that an observing resource may mean.
func observed(o *observation) []remoteObject {
	switch {
	case o.isOwned() && o.owned != nil:
		return []remoteObject{*o.owned}
	case o.isOwned():
		return nil
	case o.importID != "" && o.imported != nil:
		return []remoteObject{*o.imported}
	case o.importID != "":
		return nil
	case len(o.candidates) > 0:
		return o.candidates
	default:
		return o.deleting
	}
}
