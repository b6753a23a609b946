package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
)

// Setup registers a controller for each kind with the manager. Close the result after the manager has ended.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options, kinds []*Kind) (*Controllers, error) {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	if options.Recorder == nil {
		options.Recorder = noop{}
	}
	shared := &lifecycle{
		client: mgr.GetClient(), live: mgr.GetAPIReader(),
		credentials: credentials.NewStore(credentials.NewReader(mgr.GetClient(), mgr.GetAPIReader()), options.Atlas, options.defaults(), options.Clock),
		inventory: inventory.New(inventory.Options{
			Clock: options.Clock, Settle: options.settle(), PollInterval: options.SteadyPollInterval,
		}),
		events: &eventWriter{client: mgr.GetClient(), slots: make(chan struct{}, eventsAtOnce)}, options: options,
		shard: newShard(mgr.GetAPIReader(), options, kinds), locks: newLocks(), owners: &owners{},
	}
	if err := mgr.Add(manager.RunnableFunc(shared.credentials.DropIdle)); err != nil {
		return nil, fmt.Errorf("set up the removal of unused credentials: %w", err)
	}
	if err := mgr.Add(manager.RunnableFunc(shared.events.run)); err != nil {
		return nil, fmt.Errorf("set up the writer of events: %w", err)
	}
	settings := controller.Options{MaxConcurrentReconciles: workersPerSlot * options.MaxConcurrentReconciles, RateLimiter: rateLimiter()}
	for _, kind := range kinds {
		if err := addIndexes(ctx, mgr.GetFieldIndexer(), kind); err != nil {
			return nil, err
		}
		if err := shared.forKind(kind).setup(mgr, settings); err != nil {
			return nil, fmt.Errorf("set up the controller of %s: %w", kind.Name, err)
		}
	}
	return &Controllers{credentials: shared.credentials, inventory: shared.inventory, kinds: kinds}, nil
}

// Controllers are the running controllers' hold on Atlas.
type Controllers struct {
	credentials *credentials.Store
	inventory   *inventory.Inventory
	kinds       []*Kind
}

// Close gives back the OAuth tokens. Call it when no reconcile runs any more.
func (c *Controllers) Close(ctx context.Context) error { return c.credentials.Close(ctx) }

// Lists describe the lists of Atlas that the controllers keep, for metrics.
func (c *Controllers) Lists() []inventory.ListStats { return c.inventory.Stats() }

// Kinds are the kinds that the controllers reconcile.
func (c *Controllers) Kinds() []*Kind { return c.kinds }

// forKind gives a kind a tracker, a limiter and a queue of its own: two kinds may use the same name.
func (l *lifecycle) forKind(kind *Kind) *lifecycle {
	own := *l
	own.kind, own.tracker, own.versions, own.owners, own.enqueuer = kind, newTracker(), newVersions(), &owners{}, &enqueuer{}
	own.limiter = newLimiter(l.options.MaxConcurrentReconciles, own.enqueuer.enqueue)
	return &own
}

// setup registers the controller of the kind.
func (l *lifecycle) setup(mgr ctrl.Manager, options controller.Options) error {
	reader := mgr.GetClient()
	b := ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(l.kind.Name)).
		For(l.kind.New(), builder.WithPredicates(l.ownChanges())).
		WatchesMetadata(MetadataOf(credentials.KindSecret), l.kind.byName(indexSecret, l.options.DefaultCredentials).handler(reader)).
		WatchesRawSource(l.enqueuer.source()).
		WithOptions(options)
	if !l.kind.ReadOnly {
		b = b.Watches(l.kind.New(), Wakes(l.kind.peers).handler(reader), builder.WithPredicates(gone()))
	}
	if l.kind.Refers != nil {
		b = b.WatchesMetadata(MetadataOf(credentials.KindConfigMap), l.kind.byName(indexConfigMap, types.NamespacedName{}).handler(reader))
	}
	for _, watch := range l.kind.Watches {
		b = b.Watches(watch.Object, watch.Wakes.handler(reader))
	}
	return b.Complete(l)
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
	l.versions.forget(name)
	l.limiter.forget(name)
	l.owners.releaseAll(name)
	if l.kind.Forget != nil {
		l.kind.Forget(name)
	}
}

// rateLimiter spaces out retries after errors of the API server; what Atlas refuses has pauses of its own.
func rateLimiter() workqueue.TypedRateLimiter[reconcile.Request] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, time.Minute)
}

// MetadataOf is what is cached of Secrets and ConfigMaps.
func MetadataOf(kind string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return object
}
