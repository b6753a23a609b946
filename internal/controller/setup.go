package controller

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
)

// workersPerSlot is the number of keys that may use all their slots at once. A waiting worker costs some kilobytes.
const workersPerSlot = 20

// Setup registers all controllers with the manager. Close the result after the manager has ended.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) (*Controllers, error) {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return nil, err
	}
	shared := &lifecycle{
		client: mgr.GetClient(), live: mgr.GetAPIReader(), certificates: newCertificateMemory(),
		credentials: credentials.NewStore(credentials.NewReader(mgr.GetClient(), mgr.GetAPIReader()), options.Atlas, options.defaults(), options.Clock),
		inventory: inventory.New(inventory.Options{
			Clock: options.Clock, Settle: options.settle(), PollInterval: options.SteadyPollInterval,
		}),
		options: options,
		shard:   newShard(mgr.GetAPIReader(), options), locks: newLocks(), owners: newOwners(),
	}
	if err := mgr.Add(manager.RunnableFunc(shared.credentials.DropIdle)); err != nil {
		return nil, fmt.Errorf("set up the removal of unused credentials: %w", err)
	}
	reconcilers := []interface {
		setup(mgr ctrl.Manager, options controller.Options) error
	}{&privateLinkReconciler{shared.forKind()}, &connectionReconciler{shared.forKind()}, &serviceReconciler{shared.forKind()}}
	for _, reconciler := range reconcilers {
		settings := controller.Options{MaxConcurrentReconciles: workersPerSlot * options.MaxConcurrentReconciles, RateLimiter: rateLimiter()}
		if err := reconciler.setup(mgr, settings); err != nil {
			return nil, fmt.Errorf("set up a controller: %w", err)
		}
	}
	return &Controllers{credentials: shared.credentials, inventory: shared.inventory, certificates: shared.certificates, clock: options.Clock}, nil
}

// Controllers are the running controllers' hold on Atlas.
type Controllers struct {
	credentials  *credentials.Store
	inventory    *inventory.Inventory
	certificates *certificateMemory
	clock        clock.PassiveClock
}

// Close gives back the OAuth tokens. Call it when no reconcile runs any more.
func (c *Controllers) Close(ctx context.Context) error { return c.credentials.Close(ctx) }

// Lists describe the lists of Atlas that the controllers keep, for metrics.
func (c *Controllers) Lists() []inventory.ListStats { return c.inventory.Stats() }

// CertificateExpiries are when the certificates of a StreamConnection expire, by the fields of its spec, for metrics.
func (c *Controllers) CertificateExpiries(connection types.NamespacedName) map[string]time.Time {
	return c.certificates.expiries(connection, c.clock.Now())
}

// forKind gives a kind a memory, a limiter and a queue of its own: two kinds may use the same name.
func (l *lifecycle) forKind() *lifecycle {
	own := *l
	own.memories, own.versions, own.owners, own.enqueuer = newMemories(), newVersions(), newOwners(), &enqueuer{}
	own.limiter = newLimiter(l.options.MaxConcurrentReconciles, own.enqueuer.enqueue)
	return &own
}

// gone forgets a resource that no longer exists.
func (l *lifecycle) gone(name types.NamespacedName, err error) (ctrl.Result, error) {
	if apierrors.IsNotFound(err) {
		l.memories.forget(name)
		l.versions.forget(name)
		l.limiter.forget(name)
		l.owners.releaseAll(name)
	}
	return ctrl.Result{}, client.IgnoreNotFound(err)
}

// rateLimiter spaces out retries after errors of the API server; what Atlas refuses has pauses of its own.
func rateLimiter() workqueue.TypedRateLimiter[reconcile.Request] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, time.Minute)
}

func metadataOf(kind string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return object
}
