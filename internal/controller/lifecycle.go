package controller

import (
	"context"
	"errors"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// managed is a resource of any of our kinds.
type managed interface {
	client.Object
	v1alpha1.Managed
}

// lifecycle is what the controllers of all kinds share.
type lifecycle struct {
	client      client.Client
	live        client.Reader
	credentials *credentials.Store
	// certificates are those of all connections.
	certificates *certificateMemory
	inventory    *inventory.Inventory
	options      Options

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
	object managed
	// saved is the resource as the API server has it.
	saved  managed
	remote remote
	memory *memory
	log    logr.Logger
	now    time.Time

	// requestID is Atlas's id of the last write of this reconciliation.
	requestID string
	// unlock lets others write where this reconciliation creates. It may be called again.
	unlock func()
	// claimed is the claim of a POST in this reconciliation.
	claimed time.Time
	// forced: the user asked for a look now.
	forced bool
	// credentialsInUse are the credentials of this reconciliation.
	credentialsInUse credentials.InUse
	// preparation is what the spec needs beside itself.
	preparation preparation
	// access is what CredentialsReady says; nil leaves it alone.
	access *decision.Condition
	// resumed: another process has seen this generation, and this one has not looked for warnings about the spec yet.
	resumed bool
	// pendingEvents are recorded once the status is saved.
	pendingEvents []pendingEvent
}

// connect makes the remote of a resource for one reconciliation.
type connect func(r *reconciliation) remote

// reconcile runs one reconciliation. A resource without a free slot is enqueued later.
func (l *lifecycle) reconcile(ctx context.Context, object managed, connectRemote connect) (ctrl.Result, error) {
	now := l.options.Clock.Now()
	if l.versions.isBehind(nameOf(object), object.GetResourceVersion(), now) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil // the cache is behind
	}
	place, urgent := object.GetNamespace()+"/"+limiterKey(object), isUrgent(object)
	if !l.limiter.begin(place, nameOf(object), urgent) {
		return ctrl.Result{}, nil
	}
	defer l.limiter.end(place)
	r := l.newReconciliation(ctx, object, connectRemote)
	pause, err := r.run(ctx)
	saveErr := r.save(ctx)
	conflict := err == nil && apierrors.IsConflict(saveErr) || apierrors.IsConflict(err)
	err = errors.Join(err, saveErr)
	switch {
	case conflict:
		// The cache was behind. Nothing was lost: the next reconciliation starts from the newer object.
		r.log.V(1).Info("Object changed meanwhile, trying again", "failure", err.Error())
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	case apierrors.IsNotFound(err) && object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	result := ctrl.Result{RequeueAfter: pause}
	if !isUrgent(r.object) {
		result.Priority = new(routine)
	}
	return result, nil
}

func (l *lifecycle) newReconciliation(ctx context.Context, object managed, connectRemote connect) *reconciliation {
	r := &reconciliation{
		lifecycle: l, object: object, saved: object.DeepCopyObject().(managed),
		log: ctrl.LoggerFrom(ctx), now: l.options.Clock.Now(),
	}
	r.memory = l.memories.of(nameOf(object), object.GetUID(), r.now)
	r.memory.unwatch()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	r.forced = requested != "" && requested != r.status().LastHandledReconcileAt
	first := r.memory.firstReconciliation(r.status().ObservedGeneration, object.GetAnnotations()[v1alpha1.AnnotationRecreate])
	r.resumed = first.generation == object.GetGeneration() && !first.warned
	r.remote = connectRemote(r)
	r.recall()
	return r
}

// recall puts into the status what an earlier reconciliation learned of its claim and could not save, and what others
// took away: without its id and claim an object would be made again.
func (r *reconciliation) recall() {
	status, made, kept := r.managed(), r.memory.made, r.memory.kept
	if status == nil {
		return
	}
	if !kept.Owned() && !kept.OpenClaim() {
		r.memory.keep(status)
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
	case claim.Equal(r.memory.closed):
		status.CreateRequestedAt = nil
		r.remote.forget()
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

func (r *reconciliation) spec() *v1alpha1.ManagedSpec { return r.object.GetManagedSpec() }

// status is what the status of every kind has.
func (r *reconciliation) status() *v1alpha1.ObservedStatus { return r.object.GetObservedStatus() }

// managed is what the status of kinds has that write to Atlas; nil for others, which neither own nor claim.
func (r *reconciliation) managed() *v1alpha1.ManagedStatus { return r.object.GetManagedStatus() }

// authorize finds credentials. Without any there is nothing to ask Atlas with.
func (r *reconciliation) authorize(ctx context.Context) (*decision.Blocker, error) {
	granted, blocked, err := r.credentials.Resolve(ctx, r.object, r.now)
	if err != nil || blocked != nil {
		return blocked, err
	}
	r.credentialsInUse = granted
	return nil, nil
}

// carryOut does what was decided and returns the pause until the next reconciliation.
func (r *reconciliation) carryOut(ctx context.Context, o *decision.Observation, d decision.Decision) (time.Duration, error) {
	r.memory.failingSince, r.memory.failures = time.Time{}, 0
	if d.Act == decision.ActCreate && o.OpenClaim() && o.Failure != "" {
		return r.closeClaim(o), nil
	}
	if held := r.held(d); held != nil {
		r.remote.enrich(ctx)
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
		r.remote.enrich(ctx)
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
		if d.Target != nil && !r.preparation.unwatched && r.watch(ctx, d.Target.ID) {
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
	name, alarm := nameOf(r.object), r.enqueuer
	r.memory.stopWatch = r.remote.watch(ctx, id, func() { alarm.enqueue(name, false) })
	return r.memory.stopWatch != nil
}

func (r *reconciliation) pendingDelay() time.Duration {
	waiting := 0
	if r.credentialsInUse.Client != nil { // else there is no list
		waiting = r.remote.waiting()
	}
	return crowdedDelay(r.now.Sub(r.pendingSince()), r.options.PendingPollInterval, waiting)
}

// pendingSince is when what is being waited for was asked for, as far as this process knows.
func (r *reconciliation) pendingSince() time.Time {
	since := latest(r.memory.since, r.memory.lastWrite)
	if managed := r.managed(); managed != nil && managed.CreateRequestedAt != nil {
		since = latest(since, r.memory.sawClaim(managed.CreateRequestedAt.Time, r.now))
	}
	if ready := r.conditions().get(v1alpha1.ConditionReady); ready != nil && ready.LastTransitionTime.Time.Before(r.now) {
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
