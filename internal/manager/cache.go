package manager

import (
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	selector, _ := o.labelSelector()          // validated
	defaults, _ := o.defaultCredentialsName() // validated
	options := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(), ByObject: map[client.Object]cache.ByObject{},
		SyncPeriod: new(time.Duration(0)), // all changes arrive as events or from Atlas
	}
	if selector != nil {
		for _, kind := range controller.Kinds() {
			options.ByObject[kind.New()] = cache.ByObject{Label: selector}
		}
	}
	for _, namespace := range items(o.watchNamespaces) {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	for _, kind := range metadataKinds {
		by := cache.ByObject{Transform: keepIdentity}
		if kind == credentials.KindSecret && options.DefaultNamespaces != nil && defaults.Namespace != "" {
			by.Namespaces = maps.Clone(options.DefaultNamespaces)
			by.Namespaces[defaults.Namespace] = cache.Config{}
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
