package controller

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// pointers makes managed resources of list items.
func pointers[T any, P interface {
	*T
	managed
}](items []T) []managed {
	resources := make([]managed, 0, len(items))
	for i := range items {
		resources = append(resources, P(&items[i]))
	}
	return resources
}

// otherOwner names another resource that owns the object. Where both do, because a backup was restored, the older
// resource is the owner.
func (p *pass) otherOwner(key string, owners []managed) string {
	for _, other := range owners {
		if other.GetUID() == p.object.GetUID() || !other.GetManagedStatus().Owned() {
			continue
		}
		if !p.managed().Owned() || older(other, p.object) {
			return nameOf(other).String()
		}
	}
	if p.managed().Owned() {
		return ""
	}
	return p.ownerOf(key)
}

// firstRival names another resource that means the same object and goes first: it owns one, or asked for one, or
// is older.
func (p *pass) firstRival(others []managed) string {
	for _, other := range others {
		if other.GetUID() != p.object.GetUID() && goesFirst(other, p.object) {
			return nameOf(other).String()
		}
	}
	return p.ownerOf(p.external.claimKey())
}

func goesFirst(other, me managed) bool {
	theirs, mine := other.GetManagedStatus(), me.GetManagedStatus()
	switch {
	case theirs.Owned():
		return true
	case theirs.OpenClaim() != mine.OpenClaim():
		return theirs.OpenClaim()
	case theirs.OpenClaim():
		return older(other, me)
	default:
		waiting := other.GetDeletionTimestamp() == nil && other.GetManagedSpec().ManagementPolicy == v1alpha1.Manage
		return waiting && older(other, me)
	}
}

// older orders resources by creation, then by name: the same order for everybody who looks.
func older(a, b managed) bool {
	return cmp.Or(
		a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time),
		cmp.Compare(a.GetNamespace(), b.GetNamespace()),
		cmp.Compare(a.GetName(), b.GetName()),
	) < 0
}

// ownerOf names the resource that in this process took the object before the caches could show it.
func (p *pass) ownerOf(key string) string {
	owner := p.owners.peek(key)
	if owner == (types.NamespacedName{}) || owner == nameOf(p.object) {
		return ""
	}
	return owner.String()
}

// connectionsOf lists the connections that run over a link, by reference or by the link's Atlas id.
func (l *lifecycle) connectionsOf(ctx context.Context, link *v1alpha1.StreamPrivateLink) ([]v1alpha1.StreamConnection, error) {
	var byReference, byID v1alpha1.StreamConnectionList
	if err := l.client.List(ctx, &byReference, client.InNamespace(link.Namespace), byIndex(indexLinkRef, link.Name)); err != nil {
		return nil, fmt.Errorf("look for connections that refer to the link: %w", err)
	}
	if link.Status.ID == "" {
		return byReference.Items, nil
	}
	if err := l.client.List(ctx, &byID, byIndex(indexLinkID, linkKey(link.Spec.ProjectID, link.Status.ID))); err != nil {
		return nil, fmt.Errorf("look for connections that use the link's id: %w", err)
	}
	return append(byReference.Items, byID.Items...), nil
}
