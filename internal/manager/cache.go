package manager

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/controller"
)

const kindSecret = "Secret"

// metadataKinds are the kinds of which only metadata is cached.
var metadataKinds = []string{kindSecret, "ConfigMap"}

// cache limits what is watched, and keeps only what is used.
func (o *Options) cache() (cache.Options, error) {
	selector, err := o.labelSelector()
	if err != nil {
		return cache.Options{}, err
	}
	credentials, err := o.defaultCredentialsName()
	if err != nil {
		return cache.Options{}, err
	}
	options := cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(), ByObject: map[client.Object]cache.ByObject{},
		SyncPeriod: new(time.Duration(0)), // all that matters comes as an event or from Atlas
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
		if kind == kindSecret && options.DefaultNamespaces != nil && credentials.Namespace != "" {
			by.Namespaces = map[string]cache.Config{credentials.Namespace: {}}
			for namespace := range options.DefaultNamespaces {
				by.Namespaces[namespace] = cache.Config{}
			}
		}
		options.ByObject[metadataOf(kind)] = by
	}
	return options, nil
}

// metadataOf is what is cached of Secrets and ConfigMaps.
func metadataOf(kind string) *metav1.PartialObjectMetadata {
	metadata := &metav1.PartialObjectMetadata{}
	metadata.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return metadata
}

// keepIdentity is the cache transform for metadata of Secrets and ConfigMaps. It keeps what the controllers read and
// what the cache itself needs. Annotations must go: kubectl apply writes the values of a Secret into one.
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
