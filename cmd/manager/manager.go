package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/metrics"
)

// leaseName is the Lease of a manager for everything, and the beginning of the names of others.
const leaseName = "atlas-streams-operator"

// stopGrace is how much longer than one call to Atlas a graceful stop may take.
const stopGrace = 10 * time.Second

// closeGrace is how long giving back tokens may take after that. All together fit into the pod's grace period.
const closeGrace = 4 * time.Second

// newManager builds the manager with all controllers and probes. Close the controllers when the manager has ended.
func newManager(ctx context.Context, config *rest.Config, o *options) (ctrl.Manager, *controller.Controllers, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, nil, err
	}
	cacheOptions, err := o.cache(scheme)
	if err != nil {
		return nil, nil, err
	}
	grace := o.atlasRequestTimeout + stopGrace
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cacheOptions,
		Metrics:                       o.metrics(),
		HealthProbeBindAddress:        o.healthProbeBindAddress,
		PprofBindAddress:              o.pprofBindAddress,
		GracefulShutdownTimeout:       &grace,
		LeaderElection:                o.leaderElect,
		LeaderElectionID:              o.leaseName(),
		LeaderElectionNamespace:       o.leaderElectionNamespace,
		LeaseDuration:                 &o.leaderElectionLeaseDuration,
		RenewDeadline:                 &o.leaderElectionRenewDeadline,
		RetryPeriod:                   &o.leaderElectionRetryPeriod,
		LeaderElectionReleaseOnCancel: true, // safe: the process ends right after the manager
	})
	if err != nil {
		return nil, nil, fmt.Errorf("set up the manager: %w", err)
	}
	measured := metrics.New(clock.RealClock{})
	controllers, err := controller.Setup(ctx, mgr, o.controllers(mgr, measured))
	if err != nil {
		return nil, nil, err
	}
	sources := metrics.Sources{
		Resources: mgr.GetCache(), Leading: mgr.Elected(), Lists: controllers.Lists, Certificates: controllers.CertificateExpiries,
	}
	if err := measured.Register(ctx, ctrlmetrics.Registry, sources); err != nil {
		return nil, nil, err
	}
	return mgr, controllers, addProbes(ctx, mgr)
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	return scheme, nil
}

func (o *options) controllers(mgr ctrl.Manager, measured *metrics.Metrics) controller.Options {
	credentials, _ := o.defaultCredentialsName() // validated
	selector, _ := o.labelSelector()             // validated
	return controller.Options{
		Atlas: atlas.Options{
			BaseURL: o.atlasBaseURL, Timeout: o.atlasRequestTimeout, Version: version,
			Logger: mgr.GetLogger().WithName("atlas"), Observe: measured.Observe,
		},
		DefaultCredentials:           credentials,
		DefaultCredentialsNamespaces: items(o.defaultCredentialsNamespaces),
		WatchNamespaces:              items(o.watchNamespaces),
		LabelSelector:                selector,
		PendingPollInterval:          o.pendingPollInterval,
		SteadyPollInterval:           o.steadyPollInterval,
		MaxConcurrentReconciles:      o.maxConcurrentReconciles,
		Recorder:                     measured,
	}
}

func (o *options) metrics() metricsserver.Options {
	options := metricsserver.Options{BindAddress: o.metricsBindAddress, SecureServing: o.metricsSecure, CertDir: o.metricsCertPath}
	if o.metricsSecure {
		options.FilterProvider = filters.WithAuthenticationAndAuthorization
		// Only there, since nobody else could tell who may.
		options.ExtraHandlers = map[string]http.Handler{logLevelPath: serveLogLevel(o.logLevel())}
	}
	return options
}

// leaseName is the name that was given. By default it is the same for managers with the same scope, and different for
// shards; a manager whose scope changes then has another Lease, and its predecessor may still lead.
func (o *options) leaseName() string {
	if o.leaderElectionID != "" {
		return o.leaderElectionID
	}
	namespaces := items(o.watchNamespaces)
	if len(namespaces) == 0 && o.watchLabelSelector == "" {
		return leaseName
	}
	slices.Sort(namespaces)
	scope := sha256.Sum256([]byte(strings.Join(namespaces, ",") + "\n" + o.watchLabelSelector))
	return leaseName + "-" + hex.EncodeToString(scope[:])[:10]
}

// addProbes: alive is the process; ready is a manager whose caches are filled, leader or not. Those that the controllers
// would fill only when they start are filled from the beginning: who is ready can take over at once.
func addProbes(ctx context.Context, mgr ctrl.Manager) error {
	for _, kind := range metadataKinds {
		if _, err := mgr.GetCache().GetInformer(ctx, metadataOf(kind), cache.BlockUntilSynced(false)); err != nil {
			return fmt.Errorf("watch the metadata of every %s: %w", kind, err)
		}
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("add the health probe: %w", err)
	}
	ready := func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return fmt.Errorf("caches are not filled")
		}
		return nil
	}
	if err := mgr.AddReadyzCheck("caches", ready); err != nil {
		return fmt.Errorf("add the readiness probe: %w", err)
	}
	return nil
}
