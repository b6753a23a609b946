package manager

import (
	"context"
	"fmt"

	clientcache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
)

// measuredKinds are the kinds as metrics show them.
func measuredKinds(kinds []*lifecycle.Kind, cached cache.Cache) []metrics.Kind {
	measured := make([]metrics.Kind, 0, len(kinds))
	for _, kind := range kinds {
		list := func(ctx context.Context) ([]v1alpha1.Managed, error) { return listCached(ctx, cached, kind) }
		measured = append(measured, metrics.Kind{Name: kind.Name, List: list, CertificateExpiries: kind.CertificateExpiries})
	}
	return measured
}

// listCached lists all resources of a kind as the cache holds them; they must not be changed. A list by a reader copies
// each into a slice of structs, which is half of the memory of a scrape.
func listCached(ctx context.Context, cached cache.Cache, kind *lifecycle.Kind) ([]v1alpha1.Managed, error) {
	informer, err := cached.GetInformer(ctx, kind.New())
	if err != nil {
		return nil, fmt.Errorf("find the cache of %s: %w", kind.Name, err)
	}
	whole, ok := informer.(interface{ GetStore() clientcache.Store })
	if !ok { // the cache of some namespaces has an informer for each
		return lifecycle.List(ctx, cached, kind.NewList(), client.UnsafeDisableDeepCopy)
	}
	var resources []v1alpha1.Managed
	for _, resource := range whole.GetStore().List() {
		resources = append(resources, resource.(v1alpha1.Managed))
	}
	return resources, nil
}
