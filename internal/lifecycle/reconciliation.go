package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// reconciliation is one reconciliation of one resource: observe, decide, act, report.
type reconciliation struct {
	*lifecycle
	Session
	// saved is the resource as the API server has it.
	saved   Managed
	remote  Remote
	tracked *tracked
	log     logr.Logger

	// requestID is Atlas's id of the last write of this reconciliation.
	requestID string
	// unlock lets others write where this reconciliation creates. It may be called again.
	unlock func()
	// renewed: a POST before the one of this reconciliation may have made the object.
	renewed bool
	// resolved is what the spec refers to; empty for deletions.
	resolved *Resolved
	// access is what CredentialsReady says; nil leaves it alone.
	access *decision.Condition
	// restored: others took the object or the claim out of the status. It is saved again before anything else is done.
	restored bool
	// resumed: another process has seen this generation, and this one has not looked for warnings about the spec yet.
	resumed bool
	// pendingEvents are recorded once the status is saved.
	pendingEvents []pendingEvent
}

func (l *lifecycle) newReconciliation(ctx context.Context, object Managed) *reconciliation {
	r := &reconciliation{
		lifecycle: l, saved: object.DeepCopyObject().(Managed), log: ctrl.LoggerFrom(ctx), resolved: &Resolved{},
		Session: Session{
			Object: object, Reader: l.client, Live: l.live, Secrets: l.credentials.Secrets, Inventory: l.inventory,
			Clock: l.options.Clock, Now: l.options.Clock.Now(),
		},
	}
	r.tracked = l.tracker.of(object, r.Now)
	r.tracked.unwatch()
	requested := object.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	r.Forced = requested != "" && requested != r.status().LastHandledReconcileAt
	r.resumed = r.tracked.first.generation == object.GetGeneration() && !r.tracked.first.looked
	r.remote = l.kind.Connect(&r.Session)
	r.recall()
	return r
}

// recall puts into the status what an earlier reconciliation learned of its claim and could not save, and what others
// took away: without its id and claim an object would be made again.
func (r *reconciliation) recall() {
	status, made, kept := r.managed(), r.tracked.claim.made, r.tracked.claim.kept
	if kept == nil {
		r.tracked.claim.keep(status)
	}
	lost := !status.Owned() && !status.OpenClaim() && kept != nil
	if lost {
		status.ID, status.Ownership, status.CreateRequestedAt = kept.ID, kept.Ownership, kept.CreateRequestedAt.DeepCopy()
		r.log.Info("The status no longer named the object or the claim of this resource, restored", "atlasID", status.ID)
	}
	if status.OpenClaim() {
		switch claim := status.CreateRequestedAt.Time; {
		case made != nil && claim.Equal(made.claim):
			status.ID, status.Ownership = made.id, v1alpha1.OwnershipCreated
		case claim.Equal(r.tracked.claim.closed):
			status.CreateRequestedAt = nil
			r.remote.Publish(nil)
		}
	}
	r.restored = lost && (status.Owned() || status.OpenClaim())
}

// enrich adds what helps people, unless that is known.
func (r *reconciliation) enrich(ctx context.Context) {
	r.remote.Enrich(ctx)
	r.eventOnSpecWarnings(r.resolved.Warnings)
}

func (r *reconciliation) keys() Keys { return r.kind.Keys(r.Object) }

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

// managed is what the status of kinds has that write to Atlas; empty for others, which neither own nor claim.
func (r *reconciliation) managed() *v1alpha1.ManagedStatus {
	return cmp.Or(r.Object.GetManagedStatus(), &v1alpha1.ManagedStatus{})
}

// Session is what the remote of a resource works with during one reconciliation.
type Session struct {
	// Object is the resource. It is another one after each write of it.
	Object Managed
	// Reader reads from the cache, Live from the API server.
	Reader, Live client.Reader
	// CredentialsInUse are the credentials of this reconciliation; empty until they are found.
	CredentialsInUse credentials.InUse
	// Secrets reads values from Secrets and ConfigMaps.
	Secrets *credentials.Reader
	// Inventory holds the lists of Atlas.
	Inventory *inventory.Inventory
	Clock     clock.PassiveClock
	// Now is when the reconciliation began.
	Now time.Time
	// Forced: the user requested a reconciliation now.
	Forced bool
}

// Atlas is the client of this reconciliation; nil before credentials are found.
func (s *Session) Atlas() *atlas.Client { return s.CredentialsInUse.Client }

// IsReady reports whether Ready is True for this generation of the resource.
func (s *Session) IsReady() bool { return s.conditions().IsReady() }

func (s *Session) conditions() Conditions { return ConditionsOf(s.Object) }

// immediately is the pause before a reconciliation that follows without a reason to wait.
const immediately = time.Millisecond

// run returns the pause until the next reconciliation; zero leaves it to events.
func (r *reconciliation) run(ctx context.Context) (time.Duration, error) {
	r.releaseOthers()
	o := r.newObservation()
	if o.BeingDeleted && !o.HasFinalizer {
		return 0, nil // ours is done; others may still hold the object
	}
	if o.Spec.ManagementPolicy != v1alpha1.Observe && (o.IsOwned() || o.OpenClaim()) {
		if err := r.setFinalizer(ctx, controllerutil.AddFinalizer); err != nil { // others took it away, as `kubectl replace` and a restored backup do
			return 0, err
		}
	}
	if r.restored {
		return immediately, nil
	}
	if d := decision.DecideBlind(o); d.Act != decision.ActObserve {
		return r.carryOut(ctx, o, d)
	}
	inUse, blocked, err := r.credentials.Resolve(ctx, r.Object, r.Now)
	if err != nil || blocked != nil {
		return r.reportBlocked(blocked), err
	}
	r.CredentialsInUse = inUse
	blocked, err = r.observe(ctx, o, false)
	if err != nil || blocked != nil {
		return r.reportBlocked(blocked), err
	}
	return r.carryOut(ctx, o, decision.Decide(o))
}

// carryOut does what was decided and returns the pause until the next reconciliation.
func (r *reconciliation) carryOut(ctx context.Context, o *decision.Observation, d decision.Decision) (time.Duration, error) {
	r.tracked.backoff.failingSince, r.tracked.backoff.failures = time.Time{}, 0
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
		} else if err := r.setFinalizer(ctx, controllerutil.AddFinalizer); err != nil {
			return 0, err
		}
	}
	switch d.Act {
	case decision.ActCreate:
		return r.create(ctx)
	case decision.ActAdopt:
		return r.adopt(o, d)
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
		if d.Target != nil && !r.resolved.Unwatched {
			// No look at the object is needed before Atlas shows it otherwise than in this reconciliation.
			name, l := NameOf(r.Object), r.lifecycle
			r.tracked.stopWatch = r.remote.Watch(ctx, d.Target.ID, func() { l.enqueue(name, false) })
			if r.tracked.stopWatch != nil {
				return 0
			}
		}
		return jitter(r.options.SteadyPollInterval)
	default:
		return jitter(r.pendingDelay())
	}
}

// pendingDelay counts from when the pending change was requested, as far as this process knows.
func (r *reconciliation) pendingDelay() time.Duration {
	known := []time.Time{r.tracked.since, r.tracked.object.lastWrite}
	if claim := r.managed().CreateRequestedAt; claim != nil {
		known = append(known, r.tracked.claim.sawClaim(claim.Time, r.Now))
	}
	if ready := r.conditions().get(v1alpha1.ConditionReady); ready != nil && ready.LastTransitionTime.Time.Before(r.Now) {
		known = append(known, ready.LastTransitionTime.Time)
	}
	waiting := 0
	if r.CredentialsInUse.Client != nil { // else there is no list
		if list, _ := r.remote.CachedList(); list != nil {
			waiting = list.Waiting()
		}
	}
	return pendingDelay(r.Now.Sub(latest(known...)), r.options.PendingPollInterval, waiting)
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
