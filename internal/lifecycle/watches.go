package lifecycle

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
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

// referring wakes the resources that name a Secret or ConfigMap, and for the default credentials those that name none.
func (k *Kind) referring(kind string) Wakes {
	return func(ctx context.Context, reader client.Reader, object client.Object) ([]Managed, error) {
		return List(ctx, reader, k.NewList(), ByIndex(indexReference, referenceTo(kind, NameOf(object))))
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
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := e.ObjectOld.(Managed), e.ObjectNew.(Managed)
			return before.GetManagedStatus().Owned() != after.GetManagedStatus().Owned() || Released(before) != Released(after) ||
				before.GetManagedStatus().OpenClaim() != after.GetManagedStatus().OpenClaim() ||
				before.GetManagedSpec().ManagementPolicy != after.GetManagedSpec().ManagementPolicy
		},
	}
}

// The field indexes that kinds have in common.
const (
	// indexReference: the Secrets and ConfigMaps that a resource names, and the default credentials where it names none.
	indexReference = "reference"
	// indexIdentity: the object of Atlas that the spec means, hashed into one of identityBuckets.
	indexIdentity = "identity"
	// IndexObject: the object of Atlas that the status names.
	IndexObject = "object"
)

// identityBuckets bounds the values of indexIdentity. Each value of an index takes about 700 bytes of the cache, as much as
// a small resource, and nearly every resource has an identity of its own.
const identityBuckets = 1024

var identitySeed = maphash.MakeSeed()

// ByIndex selects by a field index of the cache.
func ByIndex(index, value string) client.MatchingFieldsSelector {
	return client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector(index, value)}
}

// List reads a list of resources. They are those of the list, and not copies.
func List(ctx context.Context, reader client.Reader, list client.ObjectList, opts ...client.ListOption) ([]Managed, error) {
	if err := reader.List(ctx, list, opts...); err != nil {
		return nil, err
	}
	resources := make([]Managed, 0, meta.LenList(list))
	err := meta.EachListItem(list, func(item runtime.Object) error {
		resources = append(resources, item.(Managed))
		return nil
	})
	return resources, err
}

// addIndexes registers every index of a kind.
func addIndexes(ctx context.Context, indexer client.FieldIndexer, kind *Kind, defaults types.NamespacedName) error {
	indexes := append([]Index{{indexReference, func(o Managed) []string { return kind.references(o, defaults) }}}, kind.Indexes...)
	if !kind.ReadOnly {
		indexes = append(indexes, Index{indexIdentity, func(o Managed) []string { return []string{identityBucket(kind.Keys(o).Identity)} }})
	}
	if !kind.ReadOnly && !kind.ObjectsByIdentity {
		keys := func(o Managed) []string { return []string{kind.ObjectKey(o, o.GetObservedStatus().ID)} }
		indexes = append(indexes, Index{IndexObject, keys})
	}
	for _, index := range indexes {
		values := func(o client.Object) []string { return index.Values(o.(Managed)) }
		if err := indexer.IndexField(ctx, kind.New(), index.Name, values); err != nil {
			return fmt.Errorf("index %s of %s: %w", index.Name, kind.Name, err)
		}
	}
	return nil
}

func identityBucket(identity string) string {
	return strconv.FormatUint(maphash.String(identitySeed, identity)%identityBuckets, 10)
}

// sameIdentity lists the resources whose specs mean the same object of Atlas, as the cache holds them: they must not be
// changed.
func (k *Kind) sameIdentity(ctx context.Context, reader client.Reader, identity string) ([]Managed, error) {
	found, err := List(ctx, reader, k.NewList(), ByIndex(indexIdentity, identityBucket(identity)), client.UnsafeDisableDeepCopy)
	return slices.DeleteFunc(found, func(o Managed) bool { return k.Keys(o).Identity != identity }), err
}

// references are the values of indexReference for a resource.
func (k *Kind) references(object Managed, defaults types.NamespacedName) []string {
	credential, namespace := defaults, object.GetNamespace()
	if reference := object.GetManagedSpec().CredentialsRef; reference != nil {
		credential = types.NamespacedName{Namespace: namespace, Name: reference.Name}
	}
	references := []string{referenceTo(credentials.KindSecret, credential)}
	for _, kind := range []string{credentials.KindSecret, credentials.KindConfigMap} {
		if k.Refers == nil {
			continue
		}
		for _, name := range k.Refers(object, kind) {
			references = append(references, referenceTo(kind, types.NamespacedName{Namespace: namespace, Name: name}))
		}
	}
	return references
}

func referenceTo(kind string, name types.NamespacedName) string { return kind + " " + name.String() }
