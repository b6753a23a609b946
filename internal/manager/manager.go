// Package manager sets up the manager from its flags, for the program and for the test kit.
package manager

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	uberzap "go.uber.org/zap"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
)

// leaseName is the Lease of an unrestricted manager, and the prefix of all other names.
const leaseName = "atlas-streams-operator"

// stopGrace is added to the timeout of one Atlas call to limit a graceful stop.
const stopGrace = 10 * time.Second

// closeGrace limits the revocation of tokens after that. Both fit into the pod's grace period.
const closeGrace = 4 * time.Second

// Host is what a manager uses from its process.
type Host struct {
	Version string
	Logger  logr.Logger
	// Metrics registers the operator's metrics. Nil means controller-runtime's global registry; use separate
	// registries to run several managers in one process.
	Metrics prometheus.Registerer
	// MetricsFilter protects the metrics and is required by --metrics-secure. The program provides it, because its
	// dependencies are too large for importers of the test kit.
	MetricsFilter func(*rest.Config, *http.Client) (metricsserver.Filter, error)
	// Transport sends the requests to Atlas. Nil means the default transport with the environment's proxy.
	Transport http.RoundTripper
}

// Manager is a manager with all controllers and probes.
type Manager struct {
	ctrl.Manager

	controllers *lifecycle.Controllers
}

// New sets up a manager with validated options.
func New(ctx context.Context, kube *rest.Config, o *Options, host Host) (*Manager, error) {
	settings, err := o.manager(host)
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(kube, settings)
	if err != nil {
		return nil, fmt.Errorf("set up the manager: %w", err)
	}
	kinds := controller.Kinds()
	measured := metrics.New(clock.RealClock{}, kinds)
	options := o.lifecycle
	options.Clock, options.Recorder, options.Atlas.Observe = clock.RealClock{}, measured, measured.Observe
	options.Atlas.Version, options.Atlas.Transport, options.Atlas.Logger = host.Version, host.Transport, host.Logger.WithName("atlas")
	controllers, err := lifecycle.Setup(ctx, mgr, options, kinds)
	if err != nil {
		return nil, err
	}
	registry := cmp.Or[prometheus.Registerer](host.Metrics, ctrlmetrics.Registry)
	if err := measured.Register(registry, mgr.Elected(), controllers.Inventory.Stats, cached(ctx, mgr.GetCache())); err != nil {
		return nil, err
	}
	return &Manager{Manager: mgr, controllers: controllers}, addProbes(ctx, mgr)
}

// Start runs until ctx ends and then revokes the tokens.
func (m *Manager) Start(ctx context.Context) error {
	err := m.Manager.Start(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	if closeErr := m.controllers.Credentials.Close(closing); closeErr != nil {
		// Harmless: a token that was not revoked expires within the hour.
		m.GetLogger().Info("Could not give all tokens back to Atlas", "failure", closeErr.Error())
	}
	return err
}

// manager returns the settings of controller-runtime.
func (o *Options) manager(host Host) (ctrl.Options, error) {
	options := o.ctrl
	if options.Metrics.BindAddress != "0" && options.Metrics.SecureServing && host.MetricsFilter == nil {
		return ctrl.Options{}, errors.New("--metrics-secure: nothing can check here who may see the metrics; use --metrics-secure=false")
	}
	if options.Metrics.SecureServing {
		options.Metrics.FilterProvider = host.MetricsFilter
		// Only with a filter: without one there is no authorization.
		options.Metrics.ExtraHandlers = map[string]http.Handler{logLevelPath: serveLogLevel(o.zap.Level.(uberzap.AtomicLevel))}
	}
	options.Scheme, options.Logger, options.Cache = NewScheme(), host.Logger, o.cache()
	options.Controller.SkipNameValidation = new(host.Metrics != nil)
	options.GracefulShutdownTimeout = new(o.lifecycle.Atlas.Timeout + stopGrace)
	options.LeaderElectionID = o.leaseName()
	options.LeaderElectionReleaseOnCancel = true // safe: nothing is reconciled after the manager has stopped
	return options, nil
}

// NewScheme returns a scheme with the built-in and the operator's kinds.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
}

// leaseName returns the configured name. The default is the same for managers with the same scope and differs between
// shards. If the scope of a manager changes, it uses another Lease, while its predecessor may still lead.
func (o *Options) leaseName() string {
	if o.ctrl.LeaderElectionID != "" {
		return o.ctrl.LeaderElectionID
	}
	namespaces := slices.Compact(slices.Sorted(slices.Values(o.lifecycle.WatchNamespaces)))
	if len(namespaces) == 0 && o.watchLabelSelector == "" {
		return leaseName
	}
	scope := sha256.Sum256(fmt.Appendf(nil, "%s %v", namespaces, o.lifecycle.LabelSelector))
	return fmt.Sprintf("%s-%.5x", leaseName, scope)
}

// addProbes adds the probes: live while the process runs, ready once the caches are synced, leader or not. All caches
// are started early, including those of the controllers, so that a ready standby can take over immediately.
func addProbes(ctx context.Context, mgr ctrl.Manager) error {
	for _, kind := range metadataKinds {
		if _, err := mgr.GetCache().GetInformer(ctx, lifecycle.MetadataOf(kind), cache.BlockUntilSynced(false)); err != nil {
			return fmt.Errorf("watch the metadata of every %s: %w", kind, err)
		}
	}
	ready := func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errors.New("caches are not filled")
		}
		return nil
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("caches", ready)); err != nil {
		return fmt.Errorf("add the probes: %w", err)
	}
	return nil
}

// logLevelPath is where the metrics server returns (GET) and sets (PUT) the log level.
const logLevelPath = "/loglevel"

// Logger returns the logger configured by the validated flags.
func (o *Options) Logger(opts ...zap.Opts) logr.Logger {
	return zap.New(append([]zap.Opts{zap.UseFlagOptions(&o.zap)}, opts...)...)
}

// serveLogLevel is zap's handler for {"level": "debug"}. It also logs the change.
func serveLogLevel(level uberzap.AtomicLevel) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := level.Level()
		level.ServeHTTP(w, r)
		if after := level.Level(); after != before {
			ctrl.Log.Info("Log level changed", "from", before.String(), "to", after.String())
		}
	})
}
