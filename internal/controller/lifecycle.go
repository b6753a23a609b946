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
	"github.com/atlasstreams/operator/internal/inventory"
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
	credentials *credentialStore
	inventory   *inventory.Inventory
	options     Options

	shard    *shard
	locks    *locks
	owners   *owners
	memories *memories
	versions *versions
	turns    *turns
	alarm    *alarm
}

// pass is one look at one resource, and what follows from it.
type pass struct {
	*lifecycle
	object managed
	// saved is the resource as the API server has it.
	saved    managed
	external external
	memory   *memory
	log      logr.Logger
	now      time.Time

	// requestID is Atlas's id of the last write of this pass.
	requestID string
	// unlock lets others write where this pass creates. It may be called again.
	unlock func()
	// claimed is the claim of a POST in this pass.
	claimed time.Time
	// forced: the user asked for a look now.
	forced bool
	// grant are the credentials of this pass.
	grant grant
	// preparation is what the spec needs beside itself.
	preparation preparation
	// access is what CredentialsReady says; nil leaves it alone.
	access *saying
	// resumed: this process has not looked at the resource before, and another one has seen this generation.
	resumed bool
	// news are events that are told once the status is saved.
	news []news
}

// bind makes the external side of a resource for one pass.
type bind func(p *pass) external

// reconcile is one pass: gather, decide, act, and say it once. A resource that has to wait for its turn is called later.
func (l *lifecycle) reconcile(ctx context.Context, object managed, bind bind) (ctrl.Result, error) {
	now := l.options.Clock.Now()
	if l.versions.isBehind(nameOf(object), object.GetResourceVersion(), now) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil // the cache is behind
	}
	place, urgent := object.GetNamespace()+"/"+placeOf(object), isUrgent(object)
	if !l.turns.begin(place, nameOf(object), urgent) {
		return ctrl.Result{}, nil
	}
	defer l.turns.end(place)
	p := l.newPass(ctx, object, bind)
	pause, err := p.run(ctx)
	saveErr := p.save(ctx)
	conflict := err == nil && apierrors.IsConflict(saveErr) || apierrors.IsConflict(err)
	err = errors.Join(err, saveErr)
	switch {
	case conflict:
		// The cache was behind. Nothing was lost: the next pass starts from the newer object.
		p.log.V(1).Info("Object changed meanwhile, trying again", "failure", err.Error())
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	case apierrors.IsNotFound(err) && object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	result := ctrl.Result{RequeueAfter: pause}
	if !isUrgent(p.object) {
		result.Priority = new(routine)
	}
	return result, nil
}

func (l *lifecycle) newPass(ctx context.Context, object managed, bind bind) *pass {
	p := &pass{
		lifecycle: l, object: object, saved: object.DeepCopyObject().(managed),
		log: ctrl.LoggerFrom(ctx), now: l.options.Clock.Now(),
	}
	p.memory = l.memories.of(nameOf(object), object.GetUID(), p.now)
	p.memory.unwatch()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	p.forced = requested != "" && requested != p.status().LastHandledReconcileAt
	p.resumed = p.memory.warned.texts == nil && p.status().ObservedGeneration == object.GetGeneration()
	p.external = bind(p)
	p.recall()
	return p
}

// recall puts into the status what an earlier pass learned of its claim and could not save, and what others took away:
// without its id and claim an object would be made again.
func (p *pass) recall() {
	status, made, kept := p.managed(), p.memory.made, p.memory.kept
	if status == nil {
		return
	}
	if !kept.Owned() && !kept.OpenClaim() {
		p.memory.keep(status)
	}
	if !status.Owned() && !status.OpenClaim() && (kept.Owned() || kept.OpenClaim()) {
		status.ID, status.Ownership, status.CreateRequestedAt = kept.ID, kept.Ownership, kept.CreateRequestedAt.DeepCopy()
		p.log.Info("The status no longer named the object or the claim of this resource, restored", "atlasID", status.ID)
	}
	if !status.OpenClaim() {
		return
	}
	switch claim := status.CreateRequestedAt.Time; {
	case made != nil && claim.Equal(made.claim):
		status.ID, status.Ownership = made.id, v1alpha1.OwnershipCreated
	case claim.Equal(p.memory.closed):
		status.CreateRequestedAt = nil
		p.external.forget()
	}
}

// run returns the pause until the next pass; zero leaves it to events.
func (p *pass) run(ctx context.Context) (time.Duration, error) {
	s := p.situation()
	if s.deleting && !s.hasFinalizer {
		return 0, nil // ours is done; others may still hold the object
	}
	if err := p.keepFinalizer(ctx, s); err != nil {
		return 0, err
	}
	if d := decideBlind(s); d.act != actLook {
		return p.carryOut(ctx, s, d)
	}
	blocked, err := p.authorize(ctx)
	if err != nil || blocked != nil {
		return p.obstructed(blocked), err
	}
	blocked, err = p.look(ctx, s, false)
	if err != nil || blocked != nil {
		return p.obstructed(blocked), err
	}
	return p.carryOut(ctx, s, decide(s))
}

// keepFinalizer puts the finalizer back that others took away, as `kubectl replace` and a restored backup do.
func (p *pass) keepFinalizer(ctx context.Context, s *situation) error {
	if s.deleting || s.hasFinalizer || s.spec.ManagementPolicy == v1alpha1.Observe || !s.owned() && !s.openClaim() {
		return nil
	}
	return p.setFinalizer(ctx, controllerutil.AddFinalizer)
}

func (p *pass) spec() *v1alpha1.ManagedSpec { return p.object.GetManagedSpec() }

// status is what the status of every kind has.
func (p *pass) status() *v1alpha1.ObservedStatus { return p.object.GetObservedStatus() }

// managed is what the status of kinds has that write to Atlas; nil for others, which neither own nor claim.
func (p *pass) managed() *v1alpha1.ManagedStatus { return p.object.GetManagedStatus() }

// authorize finds credentials. Without any there is nothing to ask Atlas with.
func (p *pass) authorize(ctx context.Context) (*obstacle, error) {
	granted, blocked, err := p.credentials.resolve(ctx, p.object, p.now)
	if err != nil || blocked != nil {
		return blocked, err
	}
	p.grant = granted
	return nil, nil
}

// carryOut does what was decided and returns the pause until the next pass.
func (p *pass) carryOut(ctx context.Context, s *situation, d decision) (time.Duration, error) {
	p.memory.failingSince, p.memory.failures = time.Time{}, 0
	if d.act == actCreate && s.openClaim() && s.failure != "" {
		return p.closeClaim(s), nil
	}
	if held := p.held(d); held != nil {
		p.external.enrich(ctx)
		return p.obstructed(held), nil
	}
	if d.act == actCreate || d.act == actTake {
		refusal, err := p.outsideShard(ctx)
		if err != nil {
			return 0, err
		}
		if refusal != nil {
			d = *refusal
		}
	}
	switch d.act {
	case actCreate:
		return p.create(ctx)
	case actTake:
		return p.take(ctx, d)
	case actUpdate:
		return p.update(ctx, s, d)
	case actDelete:
		return p.delete(ctx, d)
	case actFinish:
		return 0, p.finish(ctx, d)
	default:
		p.external.enrich(ctx)
		p.report(d)
		return p.pause(ctx, d), nil
	}
}

// pause is the time until the next pass; zero when what is waited for wakes the resource.
func (p *pass) pause(ctx context.Context, d decision) time.Duration {
	switch d.pace {
	case paceNever:
		return 0
	case paceSteady:
		if d.target != nil && !p.preparation.unwatched && p.watch(ctx, d.target.id) {
			return 0
		}
		return jitter(p.options.SteadyPollInterval)
	default:
		return jitter(p.pendingDelay())
	}
}

// watch has the resource woken when Atlas shows the object otherwise than in this pass: then no look at it is needed
// before.
func (p *pass) watch(ctx context.Context, id string) bool {
	name, alarm := nameOf(p.object), p.alarm
	p.memory.stopWatch = p.external.watch(ctx, id, func() { alarm.ring(name, false) })
	return p.memory.stopWatch != nil
}

func (p *pass) pendingDelay() time.Duration {
	waiting := 0
	if p.grant.client != nil { // else there is no list
		waiting = p.external.waiting()
	}
	return crowdedDelay(p.now.Sub(p.pendingSince()), p.options.PendingPollInterval, waiting)
}

// pendingSince is when what is being waited for was asked for, as far as this process knows.
func (p *pass) pendingSince() time.Time {
	since := latest(p.memory.since, p.memory.lastWrite)
	if managed := p.managed(); managed != nil && managed.CreateRequestedAt != nil {
		since = latest(since, p.memory.sawClaim(managed.CreateRequestedAt.Time, p.now))
	}
	if ready := p.conditions().get(v1alpha1.ConditionReady); ready != nil && ready.LastTransitionTime.Time.Before(p.now) {
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
