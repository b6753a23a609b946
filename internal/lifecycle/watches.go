package lifecycle

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Metadata watches need list and watch on Secrets and ConfigMaps, which RBAC does not distinguish from reading them.
// +kubebuilder:rbac:groups="",resources=secrets;configmaps,verbs=get;list;watch
// No patch of events: each is about another version of its object, so none is ever counted up.
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// ownChanges lets through what a resource's owner does: spec, deletion and our annotations; and that another writer
// removes the finalizer or changes the status. Our own writes do not wake us.
func (l *lifecycle) ownChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		foreign := l.tracker.version(NameOf(e.ObjectNew)).event(e.ObjectNew.GetResourceVersion(), l.options.Clock.Now())
		if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
			(e.ObjectOld.GetDeletionTimestamp() == nil) != (e.ObjectNew.GetDeletionTimestamp() == nil) {
			return true
		}
		before, after := e.ObjectOld.GetAnnotations(), e.ObjectNew.GetAnnotations()
		for _, name := range []string{v1alpha1.AnnotationReconcileRequestedAt, v1alpha1.AnnotationRecreate, v1alpha1.AnnotationAbandon} {
			if before[name] != after[name] {
				return true
			}
		}
		return foreign && (hasFinalizer(e.ObjectOld) && !hasFinalizer(e.ObjectNew) || !equality.Semantic.DeepEqual(statusOf(e.ObjectOld).Interface(), statusOf(e.ObjectNew).Interface()))
	}}
}

// handler wakes the resources that are found.
func (w Wakes) handler(reader client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		resources, err := w(ctx, reader, object)
		if err != nil {
			return nil // the indexes are in memory; they fail only before the cache has started
		}
		requests := make([]reconcile.Request, 0, len(resources))
		for _, resource := range resources {
			requests = append(requests, reconcile.Request{NamespacedName: NameOf(resource)})
		}
		return requests
	})
}

// byName wakes the resources that name a Secret or ConfigMap, and for the default credentials those that name none.
func (k *Kind) byName(index string, defaults types.NamespacedName) Wakes {
	return func(ctx context.Context, reader client.Reader, object client.Object) ([]Managed, error) {
		found, err := List(ctx, reader, k.NewList(), client.InNamespace(object.GetNamespace()), ByIndex(index, object.GetName()))
		if err != nil || index != indexSecret || NameOf(object) != defaults {
			return found, err
		}
		unnamed, err := List(ctx, reader, k.NewList(), ByIndex(indexSecret, defaultCredentials))
		return append(found, unnamed...), err
	}
}

// peers are the resources that mean the same object of Atlas and wait for this one.
func (k *Kind) peers(ctx context.Context, reader client.Reader, object client.Object) ([]Managed, error) {
	same, err := k.sameIdentity(ctx, reader, k.Keys(object.(Managed)).Identity)
	return slices.DeleteFunc(same, func(other Managed) bool {
		return other.GetUID() == object.GetUID() || other.GetManagedStatus().Owned()
	}), err
}

// gone lets through that a resource went, or lets go of its object: then its peers may go on.
func gone() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := e.ObjectOld.(Managed), e.ObjectNew.(Managed)
			return before.GetManagedStatus().Owned() != after.GetManagedStatus().Owned() || Released(before) != Released(after) ||
				before.GetManagedStatus().OpenClaim() != after.GetManagedStatus().OpenClaim() ||
				before.GetManagedSpec().ManagementPolicy != after.GetManagedSpec().ManagementPolicy
		},
	}
}
