package lifecycle

import (
	"context"

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
// removes the finalizer or changes the status. Our own writes do not wake us, unless a reconciliation waits for them.
func (l *lifecycle) ownChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		foreign, awaited := l.versions.event(NameOf(e.ObjectNew), e.ObjectNew.GetResourceVersion(), l.options.Clock.Now())
		if awaited || e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
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

// RequestsFor are the requests that wake the resources.
func RequestsFor(resources []Managed) []reconcile.Request {
	requests := make([]reconcile.Request, 0, len(resources))
	for _, resource := range resources {
		requests = append(requests, reconcile.Request{NamespacedName: NameOf(resource)})
	}
	return requests
}

// byName wakes the resources that name a Secret or ConfigMap, and for the default credentials those that name none.
func byName(kind *Kind, reader client.Reader, index string, defaults types.NamespacedName) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		found, err := kind.List(ctx, reader, client.InNamespace(object.GetNamespace()), ByIndex(index, object.GetName()))
		if err != nil {
			return nil // the index is in memory; it fails only before the cache has started
		}
		if index == indexSecret && NameOf(object) == defaults {
			unnamed, err := kind.List(ctx, reader, ByIndex(indexSecret, defaultCredentials))
			if err == nil {
				found = append(found, unnamed...)
			}
		}
		return RequestsFor(found)
	})
}

// peers wakes the resources that mean the same object of Atlas and wait for this one.
func peers(kind *Kind, reader client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		same, err := kind.sameIdentity(ctx, reader, kind.Keys(object.(Managed)).Identity)
		if err != nil {
			return nil
		}
		var waiting []Managed
		for _, other := range same {
			if other.GetUID() != object.GetUID() && !other.GetManagedStatus().Owned() {
				waiting = append(waiting, other)
			}
		}
		return RequestsFor(waiting)
	})
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
