package lifecycle

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/credentials"
)

// The field indexes that kinds have in common.
const (
	// indexSecret: the Secrets that a resource names, and defaultCredentials for those that name no credentials.
	indexSecret = "secret"
	// indexConfigMap: the ConfigMaps that a resource names.
	indexConfigMap = "configMap"
	// indexIdentity: the object of Atlas that the spec means, hashed into one of identityBuckets.
	indexIdentity = "identity"
	// IndexObject: the object of Atlas that the status names.
	IndexObject = "object"
)

// identityBuckets bounds the values of indexIdentity. Each value of an index takes about 700 bytes of the cache, as much as
// a small resource, and nearly every resource has an identity of its own.
const identityBuckets = 1024

var identitySeed = maphash.MakeSeed()

// defaultCredentials stands for "no credentialsRef" in indexSecret; no Secret can have this name.
const defaultCredentials = "<default>"

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
func addIndexes(ctx context.Context, indexer client.FieldIndexer, kind *Kind) error {
	indexes := append([]Index{{indexSecret, kind.secrets}}, kind.Indexes...)
	if !kind.ReadOnly {
		indexes = append(indexes, Index{indexIdentity, func(o Managed) []string { return []string{identityBucket(kind.Keys(o).Identity)} }})
	}
	if !kind.ReadOnly && !kind.ObjectsByIdentity {
		indexes = append(indexes, Index{IndexObject, kind.objectKeys})
	}
	if kind.Refers != nil {
		indexes = append(indexes, Index{indexConfigMap, func(o Managed) []string { return kind.Refers(o, credentials.KindConfigMap) }})
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

// secrets are the names of the Secrets that a resource names.
func (k *Kind) secrets(object Managed) []string {
	names := []string{defaultCredentials}
	if reference := object.GetManagedSpec().CredentialsRef; reference != nil {
		names = []string{reference.Name}
	}
	if k.Refers != nil {
		names = append(names, k.Refers(object, credentials.KindSecret)...)
	}
	return names
}

// objectKeys has the key of the object that the status names.
func (k *Kind) objectKeys(object Managed) []string {
	id := object.GetObservedStatus().ID
	if id == "" {
		return nil
	}
	return []string{k.ObjectKey(object, id)}
}
