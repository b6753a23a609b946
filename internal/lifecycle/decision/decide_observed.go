package decision

import (
	"fmt"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

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
			"Several match (%s): set spec.importId to one of these ids, or more fields.", ids(found)))
		d.Synced, d.Nothing = NewCondition(StatusUnknown, v1alpha1.ReasonAmbiguous, d.Ready.Message), true
		return d
	}
	d := StateOf(&found[0])
	d.Synced = NewCondition(StatusTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if !found[0].Equal() {
		d.Synced = NewCondition(StatusFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+Paths(found[0].Differences)+".")
	}
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
