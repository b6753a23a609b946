package decision

import (
	"slices"
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// RemoteObject is one object in Atlas as the decision sees it.
type RemoteObject struct {
	// Id in Atlas.
	ID string
	// State as Atlas says it, and what the states of the kind mean.
	State  string
	States StateTable
	// ErrorMessage as Atlas says it, trimmed of nothing.
	ErrorMessage string
	// Endpoint is the interfaceEndpointId of a link.
	Endpoint string
	// DnsDomainMissing: Atlas waits for the user, who learns the dnsDomain only from the endpoint.
	DNSDomainMissing bool
	// Differences from the spec, sorted by path.
	Differences []Difference
	// Anonymous: Atlas gave the object no id; its name stands for it.
	Anonymous bool
	// Named: the object is found by its name (connections) and not by its fields.
	Named bool
	// Owner is another resource that the object belongs to, "namespace/name"; empty for none.
	Owner string
	// Doubtful: the object is a candidate only because Atlas does not return what identifies it. It is never
	// taken, and keeps a POST from being repeated; one that another resource owns is no candidate at all.
	Doubtful bool
}

// Difference is one field in which Atlas and the spec differ. It never holds a value: values may be secret.
type Difference struct {
	// Path in the spec, for example kafka.bootstrapServers.
	Path string
	// Fixed: Atlas cannot change it in place.
	Fixed bool
	// Clear is the JSON member that a PATCH has to send as null, for a value that the spec no longer has.
	Clear string
}

// Class is what the state of the object means.
func (r RemoteObject) Class() StateClass {
	class, _ := r.States.ClassOf(r.State)
	return class
}

// Equal reports whether the object is what the spec describes.
func (r RemoteObject) Equal() bool { return len(r.Differences) == 0 }

func (r RemoteObject) fixed() []Difference {
	return slices.DeleteFunc(slices.Clone(r.Differences), func(d Difference) bool { return !d.Fixed })
}

// Paths lists the fields that differ.
func Paths(differences []Difference) string {
	names := make([]string, 0, len(differences))
	for _, d := range differences {
		names = append(names, d.Path)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// absence is how sure it is that the resource's own object is not in Atlas.
type absence int

const (
	// AbsenceUnknown: it is there, or was not looked for.
	absenceUnknown absence = iota
	// AbsenceHinted: Atlas does not show it. A replica that lags, or a failover, can hide every object of a project for
	// some seconds.
	AbsenceHinted
	// AbsenceCertain: its GET and a list begun later do not show it, after claim and settle, and either both were asked
	// after Atlas took our DELETE, or they said the same at least settle before, with nothing to the contrary in between.
	AbsenceCertain
)

// Observation is everything that a decision about one resource rests on. It is plain data: the same observation always
// leads to the same decision.
type Observation struct {
	Now    time.Time
	Settle time.Duration
	// Poll is the pause between two lists that count as two.
	Poll time.Duration

	// Kind is how people call the object, as in "private link".
	Kind string
	// ChooseAdvice is how the spec chooses one of several objects that match; empty for importId.
	ChooseAdvice string

	Spec     v1alpha1.ManagedSpec
	ImportID string
	// FromDefaults: the operator's default credentials are used from another namespace.
	FromDefaults bool

	BeingDeleted, HasFinalizer, Abandon bool
	Recreate                            string
	// Claim is when this process made the claim, or first saw it, in its own time.
	Claim     time.Time
	ID        string
	Ownership v1alpha1.Ownership

	// SpecChanged: the user changed the spec or a Secret, so a difference is sent even where drift is only reported.
	SpecChanged bool
	// resend: secrets have to be sent (again).
	ResendSecrets bool
	// Patched: our last PATCH for this generation was to mend the very same differences, and did not.
	Patched bool

	// ListBegun is when the list began on which the following rests.
	ListBegun time.Time
	// Owned is the object that the status names.
	Owned *RemoteObject
	// NameConflict has the name of the resource's object and another id.
	NameConflict *RemoteObject
	Gone         absence
	// Owner is another resource that owns the object of the status too, and takes precedence.
	Owner string
	// Candidates match the spec's identity; leaving ones are being deleted.
	Candidates, Deleting []RemoteObject
	// Exists is how Atlas said that the claimed object exists, although no list shows it.
	Exists string
	// Imported is the object that importId names; importMissing: Atlas certainly has none.
	Imported      *RemoteObject
	ImportMissing bool
	// AbsentSince: when the first complete list after claim and settle began that did not show the claimed object.
	AbsentSince time.Time
	// Failure is what Atlas answered to a POST whose outcome is unknown; empty when there was no answer of that kind.
	Failure string
	// Preceding is another resource with the same identity that takes precedence; untried is an older one of which it
	// is not known yet whether its credentials work.
	Preceding, Untried string
	// Gate is what a creation or a PATCH has to wait for.
	Gate, SecretGate *Blocker
	// Users are connections that still use the link.
	Users []string
	// DeleteSent is when Atlas last took our DELETE, deletes how many it took.
	DeleteSent time.Time
	Deletes    int
	LastWrite  time.Time
}

// IsOwned reports whether the resource owns an object.
func (o *Observation) IsOwned() bool { return o.ID != "" && o.Ownership != "" }

// mayDestroy reports whether the object may be deleted or replaced. With the default credentials of another namespace
// nothing that was adopted may: it belongs to someone else.
func (o *Observation) mayDestroy() bool {
	return !o.FromDefaults || o.Ownership != v1alpha1.OwnershipAdopted
}

// OpenClaim reports whether a POST went out whose outcome is not known.
func (o *Observation) OpenClaim() bool { return !o.Claim.IsZero() && o.ID == "" }

// Settled reports whether a write at that moment would show by now.
func (o *Observation) Settled(write time.Time) bool {
	return write.IsZero() || o.Now.After(write.Add(o.Settle))
}

// StateClass is what a state of Atlas means for the lifecycle.
type StateClass int

const (
	// StatePending: Atlas is working, or the state is absent or unknown.
	StatePending StateClass = iota
	// StateReady: the object works.
	StateReady
	// StateFailed: Atlas gave up.
	StateFailed
	// StateDeleting: the object is going, or gone.
	StateDeleting
)

// StateTable is what the states of one kind mean, as Atlas spells them.
type StateTable map[string]StateMeaning

// StateMeaning is the class of a state, and the reason of Ready while it lasts.
type StateMeaning struct {
	Class  StateClass
	Reason string
}

// ClassOf maps a state of Atlas to its class and condition reason. An unknown state is pending.
func (t StateTable) ClassOf(state string) (StateClass, string) {
	if known, ok := t[strings.ToUpper(state)]; ok {
		return known.Class, known.Reason
	}
	return StatePending, v1alpha1.ReasonUnknownState
}
