package wait_test

import (
	"context"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/controller"
)

// requestTimeout of one call to Atlas makes settle two seconds.
const requestTimeout = time.Second

// startManager runs a manager for the stage's namespace until stop is called or the test ends. The next one remembers
// nothing of it.
func (s *stage) startManager() (stop func()) {
	s.t.Helper()
	mgr, err := ctrl.NewManager(world.env.Config, ctrl.Options{
		Scheme: scheme.Scheme,
		Cache: cache.Options{
			DefaultTransform:  cache.TransformStripManagedFields(),
			DefaultNamespaces: map[string]cache.Config{s.namespace: {}},
		},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	s.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(s.t.Context())
	_, err = controller.Setup(ctx, mgr, controller.Options{
		Atlas:               atlas.Options{BaseURL: s.atlas.URL, Timeout: requestTimeout, Version: "test", Logger: ctrl.Log.WithName("atlas")},
		WatchNamespaces:     []string{s.namespace},
		PendingPollInterval: 100 * time.Millisecond, SteadyPollInterval: time.Second,
		MaxConcurrentReconciles: 4,
	})
	s.Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if !stopped {
			stopped = true
			s.Eventually(ended).Should(Receive(Succeed()))
		}
	}
	s.t.Cleanup(stop)
	return stop
}
