package lifecycle

import (
	"context"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// immediately is the pause before a reconciliation that follows without a reason to wait.
const immediately = time.Millisecond

// run returns the pause until the next reconciliation; zero leaves it to events.
func (r *reconciliation) run(ctx context.Context) (time.Duration, error) {
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
	r.releaseOthers(d)
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

func (r *reconciliation) pendingDelay() time.Duration {
	waiting := 0
	if r.CredentialsInUse.Client != nil { // else there is no list
		if list, _ := r.remote.CachedList(); list != nil {
			waiting = list.Waiting()
		}
	}
	return pendingDelay(r.Now.Sub(r.pendingSince()), r.options.PendingPollInterval, waiting)
}

// pendingSince is when the pending change was requested, as far as this process knows.
func (r *reconciliation) pendingSince() time.Time {
	known := []time.Time{r.tracked.since, r.tracked.object.lastWrite}
	if claim := r.managed().CreateRequestedAt; claim != nil {
		known = append(known, r.tracked.claim.sawClaim(claim.Time, r.Now))
	}
	if ready := r.conditions().get(v1alpha1.ConditionReady); ready != nil && ready.LastTransitionTime.Time.Before(r.Now) {
		known = append(known, ready.LastTransitionTime.Time)
	}
	return latest(known...)
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
