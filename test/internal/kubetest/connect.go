package kubetest

import (
	"fmt"
	"sync"

	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// addKinds adds ours to the built-in ones, once, since tests that run at the same time read the scheme.
var addKinds = sync.OnceValue(func() error { return v1alpha1.AddToScheme(scheme.Scheme) })

// Connect returns a client that knows the built-in kinds and ours.
func Connect(config *rest.Config) (client.WithWatch, error) {
	if err := addKinds(); err != nil {
		return nil, fmt.Errorf("build the scheme: %w", err)
	}
	config = rest.CopyConfig(config)
	config.QPS = -1 // the tests wait for events by asking often
	kube, err := client.NewWithWatch(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	return kube, nil
}
