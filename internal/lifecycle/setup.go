package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	ctrlsource "sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
)

// Options are the settings of all controllers.
type Options struct {
	// Atlas are the settings of the clients for the Atlas API.
	Atlas atlas.Options
	// DefaultCredentials are those of resources without credentialsRef.
	DefaultCredentials credentials.Defaults
	// WatchNamespaces are the namespaces that the manager watches; none means all.
	WatchNamespaces []string
	// LabelSelector is the shard of resources that the manager handles; nil means all.
	LabelSelector labels.Selector
	// PendingPollInterval is how often objects that are not ready are polled.
	PendingPollInterval time.Duration
	// SteadyPollInterval is how often ready objects are polled.
	SteadyPollInterval time.Duration
	// MaxConcurrentReconciles per kind.
	MaxConcurrentReconciles int
	// Recorder receives what happens, for metrics.
	Recorder MetricsRecorder
	// Clock is the time; tests set their own.
	Clock clock.WithDelayedExecution
}

// settle is the time after which the outcome of a write shows in a list: twice the longest call.
func (o Options) settle() time.Duration { return 2 * o.Atlas.Timeout }

// Setup registers a controller for each kind with the manager. Close the result after the manager has ended.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options, kinds []*Kind) (*Controllers, error) {
	shared := &lifecycle{
		client: mgr.GetClient(), live: mgr.GetAPIReader(),
		credentials: credentials.NewStore(&credentials.Reader{Cached: mgr.GetClient(), Live: mgr.GetAPIReader()}, options.Atlas, options.DefaultCredentials, options.Clock, options.SteadyPollInterval),
		inventory: inventory.New(inventory.Options{
			Clock: options.Clock, Settle: options.settle(), PollInterval: options.SteadyPollInterval,
		}),
		events: &eventWriter{client: mgr.GetClient(), slots: make(chan struct{}, eventsAtOnce)}, options: options,
		kinds: kinds, alone: &sync.Map{}, locks: newLocks(),
	}
	for _, run := range []manager.RunnableFunc{shared.credentials.DropIdle, shared.events.run} {
		if err := mgr.Add(run); err != nil {
			return nil, fmt.Errorf("set up the removal of unused credentials and the writer of events: %w", err)
		}
	}
	settings := controller.Options{
		MaxConcurrentReconciles: workersPerSlot * options.MaxConcurrentReconciles, UsePriorityQueue: new(true),
		// For errors of the API server; what Atlas refuses has pauses of its own.
		RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, time.Minute),
	}
	for _, kind := range kinds {
		if err := addIndexes(ctx, mgr.GetFieldIndexer(), kind, options.DefaultCredentials.Name); err != nil {
			return nil, err
		}
		if err := shared.forKind(kind).setup(mgr, settings); err != nil {
			return nil, fmt.Errorf("set up the controller of %s: %w", kind.Name, err)
		}
	}
	return &Controllers{Credentials: shared.credentials, Inventory: shared.inventory}, nil
}

// Controllers are the running controllers' hold on Atlas.
type Controllers struct {
	// Credentials have the OAuth tokens. Close them when no reconcile runs any more.
	Credentials *credentials.Store
	Inventory   *inventory.Inventory
}

// forKind gives a kind a tracker, a limiter and a queue of its own: two kinds may use the same name.
func (l *lifecycle) forKind(kind *Kind) *lifecycle {
	own := *l
	own.kind, own.tracker, own.owners = kind, newTracker(), &owners{}
	own.limiter = newLimiter(l.options.MaxConcurrentReconciles, own.enqueue)
	return &own
}

// setup registers the controller of the kind.
func (l *lifecycle) setup(mgr ctrl.Manager, options controller.Options) error {
	b := ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(l.kind.Name)).
		For(l.kind.New(), builder.WithPredicates(l.ownChanges())).
		WatchesMetadata(MetadataOf(credentials.KindSecret), l.kind.referring(credentials.KindSecret).handler(l.client)).
		WatchesMetadata(MetadataOf(credentials.KindConfigMap), l.kind.referring(credentials.KindConfigMap).handler(l.client)).
		WatchesRawSource(ctrlsource.Func(l.start)).
		WithOptions(options)
	if !l.kind.ReadOnly {
		b = b.Watches(l.kind.New(), Wakes(l.kind.peers).handler(l.client), builder.WithPredicates(gone()))
	}
	for _, watch := range l.kind.Watches {
		b = b.Watches(watch.Object, watch.Wakes.handler(l.client))
	}
	return b.Complete(l)
}

// start gets hold of the queue. The workers start after it.
func (l *lifecycle) start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	l.queue = queue.(priorityqueue.PriorityQueue[reconcile.Request])
	return nil
}

// routine is the priority of a poll. Changes that people make precede it.
const routine = handler.LowPriority

// enqueue puts a resource into the queue for a reason that is no event of the API server.
func (l *lifecycle) enqueue(name types.NamespacedName, urgent bool) {
	var opts priorityqueue.AddOpts
	if !urgent {
		opts.Priority = new(routine)
	}
	l.queue.AddWithOpts(opts, reconcile.Request{NamespacedName: name})
}

// Reconcile brings one resource and Atlas in line.
func (l *lifecycle) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := l.kind.New()
	err := l.client.Get(ctx, request.NamespacedName, object)
	if apierrors.IsNotFound(err) {
		l.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	return l.reconcile(ctx, object)
}

// forget drops what is known of a resource that no longer exists.
func (l *lifecycle) forget(name types.NamespacedName) {
	l.tracker.forget(name)
	l.limiter.forget(name)
	l.owners.releaseAll(name)
	if l.kind.Forget != nil {
		l.kind.Forget(name)
	}
}

// MetadataOf is what is cached of Secrets and ConfigMaps.
func MetadataOf(kind string) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: kind}}
}
