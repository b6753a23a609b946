package lifecycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// findImported finds the object that importId names.
func (r *reconciliation) findImported(ctx context.Context, o *decision.Observation, seen Listing) (blocked *decision.Blocker, err error) {
	if o.ImportID == "" || o.IsOwned() || o.BeingDeleted {
		return nil, nil
	}
	if o.Imported = seen.ByID(o.ImportID); o.Imported == nil {
		o.Imported, blocked = r.get(ctx, o, o.ImportID)
	}
	o.ImportMissing = o.Imported == nil && blocked == nil
	return blocked, nil
}

// findOwners finds out whether other resources own, or take precedence for, what this one describes. Observers do not
// care.
func (r *reconciliation) findOwners(ctx context.Context, o *decision.Observation, _ Listing) (blocked *decision.Blocker, err error) {
	if o.Spec.ManagementPolicy == v1alpha1.Observe {
		return nil, nil
	}
	if o.Imported != nil {
		if o.Imported.Owner, err = r.owner(ctx, o.Imported.ID); err != nil {
			return nil, err
		}
	}
	for i := range o.Candidates {
		if o.Candidates[i].Owner, err = r.owner(ctx, o.Candidates[i].ID); err != nil {
			return nil, err
		}
	}
	if o.IsOwned() {
		if o.Owner, err = r.owner(ctx, o.ID); err != nil {
			return nil, err
		}
	}
	o.Candidates = slices.DeleteFunc(o.Candidates, func(v decision.RemoteObject) bool { return v.Doubtful && v.Owner != "" })
	if o.BeingDeleted || (o.IsOwned() && o.Gone != decision.AbsenceCertain) {
		return nil, nil
	}
	same, err := r.same(ctx)
	o.Preceding, o.Untried = r.precedingResource(same), r.untriedPredecessor(same)
	return nil, err
}

// findUsers finds what still needs an object that is to be deleted.
func (r *reconciliation) findUsers(ctx context.Context, o *decision.Observation, _ Listing) (*decision.Blocker, error) {
	if r.kind.Users == nil || !o.BeingDeleted && o.Recreate != o.ID {
		return nil, nil
	}
	users, err := r.kind.Users(ctx, r.client, r.Object)
	o.Users = users
	return nil, err
}

// owner names another resource that the object of that id belongs to.
func (r *reconciliation) owner(ctx context.Context, id string) (owner string, err error) {
	key := r.kind.ObjectKey(r.Object, id)
	var others []Managed
	if r.kind.ObjectsByIdentity {
		others, err = r.kind.sameIdentity(ctx, r.client, r.keys().Identity)
	} else {
		others, err = List(ctx, r.client, r.kind.NewList(), ByIndex(IndexObject, key))
	}
	if err != nil {
		return "", fmt.Errorf("look for other owners: %w", err)
	}
	return r.otherOwner(key, others), nil
}

// same are the resources that can mean the same object, this one among them.
func (r *reconciliation) same(ctx context.Context) ([]Managed, error) {
	same, err := r.kind.sameIdentity(ctx, r.client, r.keys().Identity)
	if err != nil {
		return nil, fmt.Errorf("look for resources that mean the same: %w", err)
	}
	if r.kind.SameObject == nil {
		return same, nil
	}
	return slices.DeleteFunc(same, func(other Managed) bool { return !r.kind.SameObject(other, r.Object) }), nil
}
