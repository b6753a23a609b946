package manager

import (
	"context"
	"fmt"
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientcache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// metadataKinds are the kinds that are cached as metadata only.
var metadataKinds = []string{credentials.KindSecret, credentials.KindConfigMap}

// cache restricts the watched objects and keeps only the fields that are used.
func (o *Options) cache() cache.Options {
	defaults := o.lifecycle.DefaultCredentials.Name.Namespace
	options := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject:         map[client.Object]cache.ByObject{}, DefaultNamespaces: map[string]cache.Config{},
		SyncPeriod: new(time.Duration(0)), // all changes arrive as events or from Atlas
	}
	if o.lifecycle.LabelSelector != nil {
		for _, kind := range controller.Kinds() {
			options.ByObject[kind.New()] = cache.ByObject{Label: o.lifecycle.LabelSelector}
		}
	}
	for _, namespace := range o.lifecycle.WatchNamespaces {
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	for _, kind := range metadataKinds {
		by := cache.ByObject{Transform: keepIdentity}
		if kind == credentials.KindSecret && len(options.DefaultNamespaces) > 0 && defaults != "" {
			by.Namespaces = maps.Clone(options.DefaultNamespaces)
			by.Namespaces[defaults] = cache.Config{}
		}
		options.ByObject[lifecycle.MetadataOf(kind)] = by
	}
	return options
}

// keepIdentity is the cache transform for metadata of Secrets and ConfigMaps. It keeps the fields that the controllers
// and the cache need. Annotations are dropped, because kubectl apply writes the values of a Secret into one.
func keepIdentity(object any) (any, error) {
	metadata, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		return object, nil
	}
	return &metav1.PartialObjectMetadata{
		TypeMeta: metadata.TypeMeta,
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metadata.Namespace, Name: metadata.Name, UID: metadata.UID, ResourceVersion: metadata.ResourceVersion,
		},
	}, nil
}

// cached lists all resources of a kind as the cache holds them; they must not be changed. A list by a reader copies
// each into a slice of structs, which is half of the memory of a scrape.
func cached(ctx context.Context, all cache.Cache) func(*lifecycle.Kind) ([]lifecycle.Managed, error) {
	return func(kind *lifecycle.Kind) ([]lifecycle.Managed, error) {
		informer, err := all.GetInformer(ctx, kind.New())
		if err != nil {
			return nil, fmt.Errorf("find the cache of %s: %w", kind.Name, err)
		}
		whole, ok := informer.(interface{ GetStore() clientcache.Store })
		if !ok { // the cache of some namespaces has an informer for each
			return lifecycle.List(ctx, all, kind.NewList(), client.UnsafeDisableDeepCopy)
		}
		var resources []lifecycle.Managed
		for _, resource := range whole.GetStore().List() {
			resources = append(resources, resource.(lifecycle.Managed))
		}
		return resources, nil
	}
}
