// Package decision decides what to do with one resource, and what its status says. It is pure: everything that a
// decision rests on is in the [Observation], and nothing is read or written.
package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Action is what a reconciliation does to Atlas or to the finalizer. At most one per reconciliation.
type Action int

const (
	// ActNothing: only say how things are.
	ActNothing Action = iota
	// ActObserve: nothing can be decided before Atlas was looked at.
	ActObserve
	// ActCreate: claim and POST.
	ActCreate
	// ActAdopt: the object of target is ours from now on.
	ActAdopt
	// ActUpdate: PATCH the object.
	ActUpdate
	// ActDelete: DELETE the object.
	ActDelete
	// ActFinish: take the finalizer off.
	ActFinish
)

func (a Action) String() string {
	return [...]string{"nothing", "observe", "create", "adopt", "update", "delete", "finish"}[a]
}

// Pace says when the resource is looked at again.
type Pace int

const (
	// PaceSteady: at the slow poll.
	PaceSteady Pace = iota
	// PacePending: at the fast poll.
	PacePending
	// PaceNever: an event will wake it.
	PaceNever
)

// Progress is which of the kstatus conditions is present.
type Progress int

const (
	// ProgressSteady: neither Reconciling nor Stalled.
	ProgressSteady Progress = iota
	// ProgressReconciling: the operator or Atlas is at work.
	ProgressReconciling
	// ProgressStalled: nothing goes on before a user acts.
	ProgressStalled
)

// Decision is what to do and what to say.
type Decision struct {
	Act    Action
	Target *RemoteObject
	// Remove is the id of what ActDelete deletes; Atlas may not show it.
	Remove string
	// Ownership of what is taken, and the event of what is finished.
	Ownership v1alpha1.Ownership
	Event     string
	Note      string

	Pace     Pace
	Progress Progress
	// Ready: nil leaves Ready alone, or, with target, derives it from Atlas's state.
	Ready *Condition
	// Synced: nil leaves Synced alone.
	Synced *Condition
	// Nothing: Atlas was looked at and has no object that an observing resource means.
	Nothing bool
	// KeepReady: ready is reported only where Ready is not True for this generation.
	KeepReady bool
	// Users are the connections that the deletion of a link waits for.
	Users []string
}

// Condition is status, reason and message of one condition.
type Condition struct {
	Status, Reason, Message string
}

// NewCondition returns what one condition is to say.
func NewCondition(status, reason, message string) *Condition {
	return &Condition{Status: status, Reason: reason, Message: message}
}

// The status of a condition.
const (
	StatusTrue    = "True"
	StatusFalse   = "False"
	StatusUnknown = "Unknown"
)

// Stall is a decision that a user has to act.
func Stall(reason, message string) Decision {
	return Decision{
		Progress: ProgressStalled,
		Ready:    NewCondition(StatusFalse, reason, message),
		Synced:   NewCondition(StatusFalse, reason, message),
	}
}

// WaitFor is a decision to look again soon.
func WaitFor(reason, message string) Decision {
	return Decision{Pace: PacePending, Progress: ProgressReconciling, Ready: NewCondition(StatusFalse, reason, message)}
}

// waitForBlocker is a decision to wait for what a blocker names.
func waitForBlocker(b *Blocker) Decision {
	d := WaitFor(b.Reason, b.Message)
	if b.Stalled {
		d.Progress = ProgressStalled
	}
	if b.Watched {
		d.Pace = PaceSteady
	}
	return d
}

// Effect says what a blocker does to the conditions and when the resource is tried again.
type Effect int

const (
	// Outage: Atlas does not answer, or limits the rate of calls. Nothing is said before it has lasted.
	Outage Effect = iota
	// CredentialsRefused: CredentialsReady is False.
	CredentialsRefused
	// Missing: something in Atlas or the cluster is not there yet.
	Missing
	// Refused: Atlas refused this very request; the generation is not what Atlas holds.
	Refused
	// Busy: Atlas takes the request later.
	Busy
)

// Blocker is what keeps a resource from moving: a reason and message for its conditions.
type Blocker struct {
	Effect  Effect
	Reason  string
	Message string
	// Stalled: waiting alone will not help.
	Stalled bool
	// SpecRefused: Atlas refused the request, for nothing that can be mended without changing it. Since the real Atlas
	// names no fields, it takes two such answers to the same request to be stalled.
	SpecRefused bool
	// Watched: an event will wake the resource; no timer is needed but a slow one.
	Watched bool
	// RetryAfter is the pause that Atlas requires, zero for none.
	RetryAfter time.Duration
	// Since is when it began, zero when that is not known.
	Since time.Time
}

// Pause is the time until the next try. Where the rate limit says when a call may go, a longer pause only leaves that
// unused.
func (b *Blocker) Pause(delay time.Duration) time.Duration {
	if b.Reason == v1alpha1.ReasonRateLimited && b.RetryAfter > 0 {
		return b.RetryAfter
	}
	return max(delay, b.RetryAfter)
}

// FailureDelay is the pause after the given number of failures in a row: from one second, doubling, to two minutes.
func FailureDelay(failures int) time.Duration {
	return min(time.Second<<min(max(failures-1, 0), 10), 2*time.Minute)
}

// MostListed is how many objects a message or status names.
const MostListed = 20

// DnsDomainAdvice is what the user of a link does that waits for its dnsDomain.
const DNSDomainAdvice = "Atlas waits for the DNS domain. Register the interface endpoint as an access point at Confluent Cloud, and set spec.dnsDomain to the domain of the access point."

// RecreateAdvice says how to have the object of that id replaced. Current is the value of the annotation now.
func RecreateAdvice(id, current string) string {
	advice := fmt.Sprintf("To delete it and create it again, set the annotation %s=%q.", v1alpha1.AnnotationRecreate, id)
	if current != "" && current != id {
		advice += fmt.Sprintf(" It is set to %q.", current)
	}
	return advice
}

// Listed names at most mostListed objects.
func Listed(names []string) string {
	if len(names) <= MostListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:MostListed], ", "), len(names)-MostListed)
}

// ids lists the ids of objects in Atlas.
func ids(views []RemoteObject) string {
	names := make([]string, 0, len(views))
	for _, found := range views {
		names = append(names, found.ID)
	}
	return Listed(names)
}

// AlreadyManaged reports that the object of that id belongs to another resource.
func AlreadyManaged(o *Observation, id, owner string) Decision {
	return Stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("The %s %s in Atlas belongs to %s: delete one of the two resources.", o.Kind, id, owner))
}

// Preceded reports that another resource takes precedence.
func Preceded(o *Observation, by string) Decision {
	return Stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("%s describes the same %s and takes precedence. Delete one of the two resources.", by, o.Kind))
}

// conflictAdvice says how to make the spec equal an object that exists. The API server takes no edit of a link that was
// asked for, nor of the type of a connection.
func conflictAdvice(o *Observation, found *RemoteObject) string {
	otherType := slices.ContainsFunc(found.Differences, func(d Difference) bool { return d.Path == "type" })
	if otherType || !found.Named && (o.IsOwned() || o.OpenClaim()) {
		return "Delete this resource and create it with the values that Atlas has"
	}
	return "Put its values into the spec"
}

func ambiguous(candidates []RemoteObject) Decision {
	return Stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
		"Several match in Atlas (%s): set spec.importId to the one that is meant.", ids(candidates)))
}
