package lifecycle

import (
	"cmp"
	"context"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
