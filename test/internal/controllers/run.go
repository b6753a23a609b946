// Package controllers runs what the manager is made of in the tests' own process.
package controllers

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
)

// Run runs the controllers for one namespace until stop is called or the test ends. The next ones remember nothing of
// these.
func Run(t *testing.T, kube *rest.Config, namespace, atlasURL string, requestTimeout time.Duration) (stop func()) {
	t.Helper()
	g := NewWithT(t)
	mgr, err := ctrl.NewManager(kube, ctrl.Options{
		Scheme: scheme.Scheme,
		Cache: cache.Options{
			DefaultTransform:  cache.TransformStripManagedFields(),
			DefaultNamespaces: map[string]cache.Config{namespace: {}},
		},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	g.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(t.Context())
	_, err = lifecycle.Setup(ctx, mgr, lifecycle.Options{
		Recorder: metrics.New(clock.RealClock{}, nil), Clock: clock.RealClock{},
		Atlas:               atlas.Options{BaseURL: atlasURL, Timeout: requestTimeout, Version: "test", Logger: ctrl.Log.WithName("atlas")},
		WatchNamespaces:     []string{namespace},
		PendingPollInterval: 100 * time.Millisecond, SteadyPollInterval: time.Second,
		MaxConcurrentReconciles: 4,
	}, controller.Kinds())
	g.Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if !stopped {
			stopped = true
			g.Eventually(ended).Should(Receive(Succeed()))
		}
	}
	t.Cleanup(stop)
	return stop
}
