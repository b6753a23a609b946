package controller

import (
	"slices"
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// view is one object in Atlas as the decision sees it.
type remoteObject struct {
	// id in Atlas.
	id string
	// state as Atlas says it, and what the states of the kind mean.
	state  string
	states stateTable
	// errorMessage as Atlas says it, trimmed of nothing.
	errorMessage string
	// endpoint is the interfaceEndpointId of a link.
	endpoint string
	// dnsDomainMissing: Atlas waits for the user, who learns the dnsDomain only from the endpoint.
	dnsDomainMissing bool
	// differences from the spec, sorted by path.
	differences []difference
	// anonymous: Atlas gave the object no id; its name stands for it.
	anonymous bool
	// named: the object is found by its name (connections) and not by its fields.
	named bool
	// owner is another resource that the object belongs to, "namespace/name"; empty for none.
	owner string
	// doubtful: the object is a candidate only because Atlas does not tell what it would be recognised by. It is never
	// taken, and keeps a POST from being repeated; one that another resource owns is no candidate at all.
	doubtful bool
}

// difference is one field in which Atlas and the spec differ. It never holds a value: values may be secret.
type difference struct {
	// path in the spec, for example kafka.bootstrapServers.
	path string
	// fixed: Atlas cannot change it in place.
	fixed bool
	// clear is the JSON member that a PATCH has to send as null, for a value that the spec no longer has.
	clear string
}

func (v remoteObject) class() stateClass { class, _ := v.states.classOf(v.state); return class }

func (v remoteObject) equal() bool { return len(v.differences) == 0 }

func (v remoteObject) fixed() []difference {
	return slices.DeleteFunc(slices.Clone(v.differences), func(d difference) bool { return !d.fixed })
}

// paths lists the fields that differ.
func paths(differences []difference) string {
	names := make([]string, 0, len(differences))
	for _, d := range differences {
		names = append(names, d.path)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// absence is how sure it is that the resource's own object is not in Atlas.
type absence int

const (
	// absenceUnknown: it is there, or nobody looked.
	absenceUnknown absence = iota
	// absenceHinted: Atlas does not show it. A replica that lags, or a failover, can hide every object of a project for
	// some seconds.
	absenceHinted
	// absenceCertain: its GET and a list begun later do not show it, after claim and settle, and either both were asked
	// after Atlas took our DELETE, or they said the same at least settle before, with nothing to the contrary in between.
	absenceCertain
)

// observation is everything that a decision about one resource rests on. It is plain data: the same observation always
// leads to the same decision.
type observation struct {
	now    time.Time
	settle time.Duration
	// poll is the pause between two lists that count as two.
	poll time.Duration

	// kind is how people call the object, as in "private link".
	kind     string
	spec     v1alpha1.ManagedSpec
	importID string
	// fromDefaults: the operator's default credentials are used from another namespace.
	fromDefaults bool

	beingDeleted, hasFinalizer, abandon bool
	recreate                            string
	// claim is when this process made the claim, or first saw it, in its own time.
	claim     time.Time
	id        string
	ownership v1alpha1.Ownership

	// wish: the user changed the spec or a Secret, so a difference is sent even where drift is only reported.
	specChanged bool
	// resend: secrets have to be sent (again).
	resendSecrets bool
	// patched: our last PATCH for this generation was to mend the very same differences, and did not.
	patched bool

	// listBegun is when the list began on which the following rests.
	listBegun time.Time
	// mine is the object that the status names.
	owned *remoteObject
	// nameConflict has the name of the resource's object and another id.
	nameConflict *remoteObject
	gone         absence
	// owner is another resource that owns the object of the status too, and takes precedence.
	owner string
	// candidates match the spec's identity; leaving ones are being deleted.
	candidates, deleting []remoteObject
	// exists is how Atlas said that the claimed object exists, although no list shows it.
	exists string
	// imported is the object that importId names; importMissing: Atlas certainly has none.
	imported      *remoteObject
	importMissing bool
	// absentSince: when the first complete list after claim and settle began that did not show the claimed object.
	absentSince time.Time
	// failure is what Atlas answered to a POST whose outcome is unknown; empty when there was no answer of that kind.
	failure string
	// preceding is another resource with the same identity that takes precedence; untried is an older one of which it
	// is not known yet whether its credentials work.
	preceding, untried string
	// gate is what a creation or a PATCH has to wait for.
	gate, secretGate *blocker
	// users are connections that still use the link.
	users []string
	// deleteSent is when Atlas last took our DELETE, deletes how many it took.
	deleteSent time.Time
	deletes    int
	lastWrite  time.Time
}

func (o *observation) isOwned() bool { return o.id != "" && o.ownership != "" }

// mayDestroy reports whether the object may be deleted or replaced. With the default credentials of another namespace
// nothing that was adopted may: it belongs to somebody else.
func (o *observation) mayDestroy() bool {
	return !o.fromDefaults || o.ownership != v1alpha1.OwnershipAdopted
}

func (o *observation) openClaim() bool { return !o.claim.IsZero() && o.id == "" }

// settled reports whether a write at that moment would show by now.
func (o *observation) settled(write time.Time) bool {
	return write.IsZero() || o.now.After(write.Add(o.settle))
}
