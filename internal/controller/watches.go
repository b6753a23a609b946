package controller

import (
	"context"
	"reflect"
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

// Metadata watches need list and watch on Secrets and ConfigMaps, which RBAC cannot tell from reading them.
// +kubebuilder:rbac:groups="",resources=secrets;configmaps,verbs=get;list;watch
// No patch of events: each is about another version of its object, so none is ever counted up.
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// ownChanges lets through what a resource's owner does: spec, deletion and our annotations; and that somebody else
// takes the finalizer away or changes the status. Our own writes do not wake us.
func (l *lifecycle) ownChanges() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
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
		return l.versions.isForeign(nameOf(e.ObjectNew), e.ObjectNew.GetResourceVersion(), l.options.Clock.Now()) &&
			(hasFinalizer(e.ObjectOld) && !hasFinalizer(e.ObjectNew) || !equality.Semantic.DeepEqual(wholeStatus(e.ObjectOld), wholeStatus(e.ObjectNew)))
	}}
}

// wholeStatus is the whole status of a resource of any of our kinds.
func wholeStatus(object client.Object) any {
	return reflect.ValueOf(object).Elem().FieldByName("Status").Interface()
}

func requestsFor(resources []managed) []reconcile.Request {
	requests := make([]reconcile.Request, 0, len(resources))
	for _, resource := range resources {
		requests = append(requests, reconcile.Request{NamespacedName: nameOf(resource)})
	}
	return requests
}

// lister lists resources of one kind as managed ones.
type lister func(ctx context.Context, opts ...client.ListOption) ([]managed, error)

func listLinks(reader client.Reader) lister {
	return func(ctx context.Context, opts ...client.ListOption) ([]managed, error) {
		var links v1alpha1.StreamPrivateLinkList
		err := reader.List(ctx, &links, opts...)
		return pointers(links.Items), err
	}
}

func listServices(reader client.Reader) lister {
	return func(ctx context.Context, opts ...client.ListOption) ([]managed, error) {
		var services v1alpha1.PrivateEndpointServiceList
		err := reader.List(ctx, &services, opts...)
		return pointers(services.Items), err
	}
}

func listConnections(reader client.Reader) lister {
	return func(ctx context.Context, opts ...client.ListOption) ([]managed, error) {
		var connections v1alpha1.StreamConnectionList
		err := reader.List(ctx, &connections, opts...)
		return pointers(connections.Items), err
	}
}

// byName wakes the resources that name a Secret or ConfigMap, and for the default credentials those that name none.
func byName(list lister, index string, defaults types.NamespacedName) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		found, err := list(ctx, client.InNamespace(object.GetNamespace()), byIndex(index, object.GetName()))
		if err != nil {
			return nil // the index is in memory; it fails only before the cache has started
		}
		if index == indexSecret && nameOf(object) == defaults {
			unnamed, err := list(ctx, byIndex(indexSecret, defaultCredentials))
			if err == nil {
				found = append(found, unnamed...)
			}
		}
		return requestsFor(found)
	})
}

// peers wakes the resources that mean the same object of Atlas and wait for this one.
func peers(list lister, identity func(client.Object) string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		same, err := list(ctx, byIndex(indexIdentity, identity(object)))
		if err != nil {
			return nil
		}
		var waiting []managed
		for _, other := range same {
			if other.GetUID() != object.GetUID() && !other.GetManagedStatus().Owned() {
				waiting = append(waiting, other)
			}
		}
		return requestsFor(waiting)
	})
}

// gone lets through that a resource went, or lets go of its object: then its peers may go on.
func gone() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := e.ObjectOld.(managed), e.ObjectNew.(managed)
			return before.GetManagedStatus().Owned() != after.GetManagedStatus().Owned() || released(before) != released(after) ||
				before.GetManagedStatus().OpenClaim() != after.GetManagedStatus().OpenClaim() ||
				before.GetManagedSpec().ManagementPolicy != after.GetManagedSpec().ManagementPolicy
		},
	}
}

// connectionsOfLink wakes the connections that refer to a link, at every change of the link's status.
func connectionsOfLink(list lister) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, link client.Object) []reconcile.Request {
		found, err := list(ctx, client.InNamespace(link.GetNamespace()), byIndex(indexLinkRef, link.GetName()))
		if err != nil {
			return nil
		}
		return requestsFor(found)
	})
}

// linksInUse wakes the links that wait for a connection to go.
func linksInUse(reader client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, object client.Object) []reconcile.Request {
		connection := object.(*v1alpha1.StreamConnection)
		var links []managed
		for _, name := range linkRefs(connection) {
			link := &v1alpha1.StreamPrivateLink{}
			if err := reader.Get(ctx, types.NamespacedName{Namespace: connection.Namespace, Name: name}, link); err == nil {
				links = append(links, link)
			}
		}
		for _, key := range linkIDs(connection) {
			if known, err := listLinks(reader)(ctx, byIndex(indexAtlasID, key)); err == nil {
				links = append(links, known...)
			}
		}
		return requestsFor(slices.DeleteFunc(links, func(link managed) bool {
			return link.GetDeletionTimestamp() == nil && link.GetAnnotations()[v1alpha1.AnnotationRecreate] == ""
		}))
	})
}
