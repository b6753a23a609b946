package controller

import (
	"fmt"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// decideObserved: Atlas is only read. Any number of resources may look at one object.
func decideObserved(s *situation) decision {
	found := observed(s)
	switch {
	case s.importID != "" && s.importMissing && !s.owned():
		d := stall(v1alpha1.ReasonImportNotFound, fmt.Sprintf(
			"Atlas has no %s with the id of spec.importId, %s: correct importId.", s.kind, s.importID))
		d.synced, d.nothing = says(isFalse, v1alpha1.ReasonMissing, d.ready.message), true
		return d
	case len(found) == 0:
		message := fmt.Sprintf("Atlas has no such %s; managementPolicy is Observe, so none is created.", s.kind)
		return decision{
			pace: pacePending, progress: progressReconciling, nothing: true,
			ready:  says(isFalse, v1alpha1.ReasonNotFound, message),
			synced: says(isFalse, v1alpha1.ReasonMissing, message),
		}
	case len(found) > 1:
		d := waitFor(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
			"Several match (%s): set spec.importId to one of these ids, or more fields.", ids(found)))
		d.synced, d.nothing = says(isUnknown, v1alpha1.ReasonAmbiguous, d.ready.message), true
		return d
	}
	d := stateOf(&found[0], paceSteady)
	d.synced = says(isTrue, v1alpha1.ReasonSynced, "Atlas holds what the spec says.")
	if !found[0].equal() {
		d.synced = says(isFalse, v1alpha1.ReasonDrifted, "Atlas differs from the spec in: "+paths(found[0].differences)+".")
	}
	return d
}

// observed are the objects that an observing resource may mean.
func observed(s *situation) []view {
	switch {
	case s.owned() && s.mine != nil:
		return []view{*s.mine}
	case s.owned():
		return nil
	case s.importID != "" && s.imported != nil:
		return []view{*s.imported}
	case s.importID != "":
		return nil
	case len(s.candidates) > 0:
		return s.candidates
	default:
		return s.leaving
	}
}
