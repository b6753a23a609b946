package lifecycle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

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

// otherOwner names another resource that owns the object. Where both do, because a backup was restored, the older
// resource is the owner.
func (r *reconciliation) otherOwner(key string, owners []Managed) string {
	for _, other := range owners {
		if other.GetUID() == r.Object.GetUID() || !other.GetManagedStatus().Owned() || Released(other) {
			continue
		}
		if !r.managed().Owned() || older(other, r.Object) {
			return NameOf(other).String()
		}
	}
	if r.managed().Owned() {
		return ""
	}
	return r.ownerOf(key)
}

// Released reports whether the operator has finished the deletion of a resource that others still hold, as a foreground
// deletion does: it owns, claims and uses nothing any more.
func Released(object Managed) bool {
	return object.GetDeletionTimestamp() != nil && !hasFinalizer(object)
}

// hasRead reports whether the status of a resource shows that it has read its project with credentials that Atlas
// accepts. One without working credentials blocks no other.
func hasRead(object Managed) bool {
	synced := ConditionsOf(object).get(v1alpha1.ConditionSynced)
	return synced != nil && synced.Status != metav1.ConditionUnknown && ConditionsOf(object).isTrue(v1alpha1.ConditionCredentialsReady)
}

// precedingResource names another resource that describes the same object and takes precedence: it owns one, or requested
// one, or is older.
func (r *reconciliation) precedingResource(others []Managed) string {
	for _, other := range others {
		if other.GetUID() != r.Object.GetUID() && !Released(other) && precedes(other, r.Object) {
			return NameOf(other).String()
		}
	}
	return r.ownerOf(r.keys().Claim)
}

func precedes(other, me Managed) bool {
	theirs, mine := other.GetManagedStatus(), me.GetManagedStatus()
	switch {
	case theirs.Owned() != mine.Owned():
		return theirs.Owned()
	case theirs.OpenClaim() != mine.OpenClaim():
		return theirs.OpenClaim()
	case theirs.Owned() || theirs.OpenClaim():
		return older(other, me)
	default:
		return hasRead(other) && wouldPrecede(other, me)
	}
}

// wouldPrecede reports whether other takes precedence where neither owns or requested anything, provided that its
// credentials work.
func wouldPrecede(other, me Managed) bool {
	return other.GetDeletionTimestamp() == nil && other.GetManagedSpec().ManagementPolicy == v1alpha1.Manage && older(other, me)
}

// untriedPredecessor names an older resource whose status says nothing of its project yet, and which takes precedence
// if its credentials work. A new resource waits a moment for it: of two that are created together the older one is to
// get the object, whichever is read first.
func (r *reconciliation) untriedPredecessor(others []Managed) string {
	if r.Now.Sub(r.tracked.since) >= quietStart {
		return ""
	}
	for _, other := range others {
		if ConditionsOf(other).get(v1alpha1.ConditionSynced) == nil && wouldPrecede(other, r.Object) {
			return NameOf(other).String()
		}
	}
	return ""
}

// older orders resources by creation, then by name: the same order for everybody who looks.
func older(a, b Managed) bool {
	return cmp.Or(
		a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time),
		cmp.Compare(a.GetNamespace(), b.GetNamespace()),
		cmp.Compare(a.GetName(), b.GetName()),
	) < 0
}

// ownerOf names the resource that in this process took the object before the caches could show it.
func (r *reconciliation) ownerOf(key string) string {
	owner := r.owners.peek(key)
	if owner == (types.NamespacedName{}) || owner == NameOf(r.Object) {
		return ""
	}
	return owner.String()
}

// releaseOthers releases what the resource took and its status does not name: an adoption that could not be saved, and an
// object that is gone. A status that may have been saved counts until another one is.
func (r *reconciliation) releaseOthers() {
	if r.tracked.claim.unsure {
		return
	}
	var keep []string
	switch status := r.managed(); {
	case status.Owned():
		keep = append(keep, r.kind.ObjectKey(r.Object, status.ID))
	case status.OpenClaim():
		keep = append(keep, r.keys().Claim)
	}
	r.tracked.taken = slices.DeleteFunc(r.tracked.taken, func(key string) bool {
		released := !slices.Contains(keep, key)
		if released {
			r.owners.release(key, NameOf(r.Object))
		}
		return released
	})
}

// take makes the resource the owner of key, unless another is; it returns the owner.
func (r *reconciliation) take(key string) types.NamespacedName {
	owner := r.owners.take(key, NameOf(r.Object))
	if owner == NameOf(r.Object) && !slices.Contains(r.tracked.taken, key) {
		r.tracked.taken = append(r.tracked.taken, key)
	}
	return owner
}

// owners says which resource owns which object in Atlas, and which resource is about to create one, ahead of what
// the caches of the API server show. It closes the gap of some milliseconds in which two resources could both take
// the same object.
type owners struct {
	byKey sync.Map
}

// take makes name the owner of key, unless another is; it returns the owner.
func (o *owners) take(key string, name types.NamespacedName) types.NamespacedName {
	owner, _ := o.byKey.LoadOrStore(key, name)
	return owner.(types.NamespacedName)
}

// peek returns the owner of key; empty when it has none.
func (o *owners) peek(key string) types.NamespacedName {
	owner, _ := o.byKey.Load(key)
	name, _ := owner.(types.NamespacedName)
	return name
}

// release ends the ownership of key by name.
func (o *owners) release(key string, name types.NamespacedName) { o.byKey.CompareAndDelete(key, name) }

// releaseAll ends every ownership of name.
func (o *owners) releaseAll(name types.NamespacedName) {
	o.byKey.Range(func(key, _ any) bool {
		o.byKey.CompareAndDelete(key, name)
		return true
	})
}
