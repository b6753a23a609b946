package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Managed is a resource of any of our kinds.
type Managed interface {
	client.Object
	v1alpha1.Managed
}

// lifecycle is what the controllers of all kinds share.
type lifecycle struct {
	client      client.Client
	live        client.Reader
	credentials *credentials.Store
	inventory   *inventory.Inventory
	options     Options

	// kind and what follows after locks are those of one kind.
	kind     *Kind
	shard    *shard
	locks    *locks
	owners   *owners
	memories *memories
	versions *versions
	limiter  *limiter
	enqueuer *enqueuer
}

// reconciliation is one reconciliation of one resource: observe, decide, act, report.
type reconciliation struct {
	*lifecycle
	Session
	// saved is the resource as the API server has it.
	saved  Managed
	remote Remote
	memory *memory
	log    logr.Logger

	// requestID is Atlas's id of the last write of this reconciliation.
	requestID string
	// unlock lets others write where this reconciliation creates. It may be called again.
	unlock func()
	// claimed is the claim of a POST in this reconciliation.
	claimed time.Time
	// resolved is what the spec refers to; empty for deletions.
	resolved *Resolved
	// access is what CredentialsReady says; nil leaves it alone.
	access *decision.Condition
	// resumed: another process has seen this generation, and this one has not looked for warnings about the spec yet.
	resumed bool
	// pendingEvents are recorded once the status is saved.
	pendingEvents []pendingEvent
}

// reconcile runs one reconciliation. A resource without a free slot is enqueued later.
func (l *lifecycle) reconcile(ctx context.Context, object Managed) (ctrl.Result, error) {
	wait, behind := l.versions.behind(NameOf(object), object.GetResourceVersion(), l.options.Clock.Now())
	if wait > 0 {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	place, urgent := object.GetNamespace()+"/"+l.kind.limiterKey(object), isUrgent(object)
	if !l.limiter.begin(place, NameOf(object), urgent) {
		return ctrl.Result{}, nil
	}
	defer l.limiter.end(place)
	if behind && !l.kind.ReadOnly { // what only reads can go on with what was
		newest, err := l.readPastCache(ctx, object)
		if err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
		object = newest
	}
	r := l.newReconciliation(ctx, object)
	pause, err := r.run(ctx)
	saveErr := r.save(ctx)
	conflict := err == nil && apierrors.IsConflict(saveErr) || apierrors.IsConflict(err)
	err = errors.Join(err, saveErr)
	switch {
	case conflict:
		// The cache was behind. Nothing was lost: the next reconciliation starts from the newer object, and not before.
		l.noteNewest(ctx, object)
		r.log.V(1).Info("Object changed meanwhile, trying again", "failure", err.Error())
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	case apierrors.IsNotFound(err) && object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	result := ctrl.Result{RequeueAfter: pause}
	if !isUrgent(r.Object) {
		result.Priority = new(routine)
	}
	return result, nil
}

// noteNewest has the next reconciliation wait for what another writer wrote. A cache that stays behind would have it send
// the same to Atlas again, and fail to save that again.
func (l *lifecycle) noteNewest(ctx context.Context, object Managed) {
	if l.kind.ReadOnly {
		return
	}
	newest := l.kind.New()
	if err := l.live.Get(ctx, NameOf(object), newest); err == nil {
		l.versions.end(NameOf(object), newest.GetResourceVersion(), l.options.Clock.Now())
	}
}

// readPastCache reads a resource that the cache does not show as our last write left it. When the API server does not
// have that write either, etcd was restored from a backup.
func (l *lifecycle) readPastCache(ctx context.Context, object Managed) (Managed, error) {
	newest := l.kind.New()
	if err := l.live.Get(ctx, NameOf(object), newest); err != nil {
		return nil, fmt.Errorf("read the resource from the API server: %w", err)
	}
	if _, behind := l.versions.behind(NameOf(object), newest.GetResourceVersion(), l.options.Clock.Now()); behind {
		l.versions.forget(NameOf(object))
	}
	return newest, nil
}

func (l *lifecycle) newReconciliation(ctx context.Context, object Managed) *reconciliation {
	r := &reconciliation{
		lifecycle: l, saved: object.DeepCopyObject().(Managed), log: ctrl.LoggerFrom(ctx), resolved: &Resolved{},
		Session: Session{
			Object: object, Reader: l.client, Live: l.live, Secrets: l.credentials.Secrets, Inventory: l.inventory,
			Clock: l.options.Clock, Now: l.options.Clock.Now(),
		},
	}
	r.memory = l.memories.of(NameOf(object), object.GetUID(), r.Now)
	r.memory.unwatch()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	r.Forced = requested != "" && requested != r.status().LastHandledReconcileAt
	first := r.memory.warnings.firstReconciliation(r.status().ObservedGeneration, object.GetAnnotations()[v1alpha1.AnnotationRecreate])
	r.resumed = first.generation == object.GetGeneration() && !first.warned
	r.remote = l.kind.Connect(&r.Session)
	r.recall()
	return r
}

// recall puts into the status what an earlier reconciliation learned of its claim and could not save, and what others
// took away: without its id and claim an object would be made again.
func (r *reconciliation) recall() {
	status, made, kept := r.managed(), r.memory.claim.made, r.memory.claim.kept
	if status == nil {
		return
	}
	if !kept.Owned() && !kept.OpenClaim() {
		r.memory.claim.keep(status)
	}
	if !status.Owned() && !status.OpenClaim() && (kept.Owned() || kept.OpenClaim()) {
		status.ID, status.Ownership, status.CreateRequestedAt = kept.ID, kept.Ownership, kept.CreateRequestedAt.DeepCopy()
		r.log.Info("The status no longer named the object or the claim of this resource, restored", "atlasID", status.ID)
	}
	if !status.OpenClaim() {
		return
	}
	switch claim := status.CreateRequestedAt.Time; {
	case made != nil && claim.Equal(made.claim):
		status.ID, status.Ownership = made.id, v1alpha1.OwnershipCreated
	case claim.Equal(r.memory.claim.closed):
		status.CreateRequestedAt = nil
		r.remote.Publish(nil)
	}
}

// run returns the pause until the next reconciliation; zero leaves it to events.
func (r *reconciliation) run(ctx context.Context) (time.Duration, error) {
	o := r.newObservation()
	if o.BeingDeleted && !o.HasFinalizer {
		return 0, nil // ours is done; others may still hold the object
	}
	if err := r.keepFinalizer(ctx, o); err != nil {
		return 0, err
	}
	if d := decision.DecideBlind(o); d.Act != decision.ActObserve {
		return r.carryOut(ctx, o, d)
	}
	blocked, err := r.authorize(ctx)
	if err != nil || blocked != nil {
		return r.reportBlocked(blocked), err
	}
	blocked, err = r.observe(ctx, o, false)
	if err != nil || blocked != nil {
		return r.reportBlocked(blocked), err
	}
	return r.carryOut(ctx, o, decision.Decide(o))
}

// keepFinalizer puts the finalizer back that others took away, as `kubectl replace` and a restored backup do.
func (r *reconciliation) keepFinalizer(ctx context.Context, o *decision.Observation) error {
	if o.BeingDeleted || o.HasFinalizer || o.Spec.ManagementPolicy == v1alpha1.Observe || !o.IsOwned() && !o.OpenClaim() {
		return nil
	}
	return r.setFinalizer(ctx, controllerutil.AddFinalizer)
}

// enrich adds what helps people, unless that is known.
func (r *reconciliation) enrich(ctx context.Context) {
	r.remote.Enrich(ctx)
	r.eventOnSpecWarnings(r.resolved.Warnings)
}

func (r *reconciliation) keys() Keys { return r.kind.keys(r.Object) }

// queueKey is what creations queue by before they get the lock; empty where they do not. Each credential has a queue of
// its own, so that one that waits for its rate limit delays no other.
func (r *reconciliation) queueKey() string {
	keys := r.keys()
	if !keys.Queued {
		return ""
	}
	return "next in " + keys.Lock + " as " + r.CredentialsInUse.Client.CredentialKey()
}

// redact keeps values of Secrets out of messages, should Atlas repeat one in an error.
func (r *reconciliation) redact(text string) string { return atlas.Redact(text, r.resolved.Secrets...) }

func (r *reconciliation) spec() *v1alpha1.ManagedSpec { return r.Object.GetManagedSpec() }

// status is what the status of every kind has.
func (r *reconciliation) status() *v1alpha1.ObservedStatus { return r.Object.GetObservedStatus() }

// managed is what the status of kinds has that write to Atlas; nil for others, which neither own nor claim.
func (r *reconciliation) managed() *v1alpha1.ManagedStatus { return r.Object.GetManagedStatus() }

// authorize finds credentials. Without any no call to Atlas is possible.
func (r *reconciliation) authorize(ctx context.Context) (*decision.Blocker, error) {
	inUse, blocked, err := r.credentials.Resolve(ctx, r.Object, r.Now)
	if err != nil || blocked != nil {
		return blocked, err
	}
	r.CredentialsInUse = inUse
	return nil, nil
}

// carryOut does what was decided and returns the pause until the next reconciliation.
func (r *reconciliation) carryOut(ctx context.Context, o *decision.Observation, d decision.Decision) (time.Duration, error) {
	r.memory.backoff.failingSince, r.memory.backoff.failures = time.Time{}, 0
	if d.Act == decision.ActCreate && o.OpenClaim() && o.Failure != "" {
		return r.closeClaim(o), nil
	}
	if held := r.held(d); held != nil {
		r.enrich(ctx)
		return r.reportBlocked(held), nil
	}
	if d.Act == decision.ActCreate || d.Act == decision.ActAdopt {
		refusal, err := r.outsideShard(ctx)
		if err != nil {
			return 0, err
		}
		if refusal != nil {
			d = *refusal
		}
	}
	switch d.Act {
	case decision.ActCreate:
		return r.create(ctx)
	case decision.ActAdopt:
		return r.adopt(ctx, d)
	case decision.ActUpdate:
		return r.update(ctx, o, d)
	case decision.ActDelete:
		return r.delete(ctx, d)
	case decision.ActFinish:
		return 0, r.finish(ctx, d)
	default:
		r.enrich(ctx)
		r.report(d)
		return r.pause(ctx, d), nil
	}
}

// pause is the time until the next reconciliation; zero when what is waited for wakes the resource.
func (r *reconciliation) pause(ctx context.Context, d decision.Decision) time.Duration {
	switch d.Pace {
	case decision.PaceNever:
		return 0
	case decision.PaceSteady:
		if d.Target != nil && !r.resolved.Unwatched && r.watch(ctx, d.Target.ID) {
			return 0
		}
		return jitter(r.options.SteadyPollInterval)
	default:
		return jitter(r.pendingDelay())
	}
}

// watch has the resource woken when Atlas shows the object otherwise than in this reconciliation: then no look at it is
// needed before.
func (r *reconciliation) watch(ctx context.Context, id string) bool {
	name, enqueuer := NameOf(r.Object), r.enqueuer
	r.memory.stopWatch = r.remote.Watch(ctx, id, func() { enqueuer.enqueue(name, false) })
	return r.memory.stopWatch != nil
}

func (r *reconciliation) pendingDelay() time.Duration {
	waiting := 0
	if r.CredentialsInUse.Client != nil { // else there is no list
		if list, _ := r.remote.CachedList(); list != nil {
			waiting = list.Waiting()
		}
	}
	return crowdedDelay(r.Now.Sub(r.pendingSince()), r.options.PendingPollInterval, waiting)
}

// pendingSince is when the pending change was requested, as far as this process knows.
func (r *reconciliation) pendingSince() time.Time {
	since := latest(r.memory.since, r.memory.object.lastWrite)
	if managed := r.managed(); managed != nil && managed.CreateRequestedAt != nil {
		since = latest(since, r.memory.claim.sawClaim(managed.CreateRequestedAt.Time, r.Now))
	}
	if ready := r.conditions().get(v1alpha1.ConditionReady); ready != nil && ready.LastTransitionTime.Time.Before(r.Now) {
		since = latest(since, ready.LastTransitionTime.Time)
	}
	return since
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
