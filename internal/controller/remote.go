package controller

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// remote is the side of one resource towards Atlas, made for one reconciliation. Views that it returns are compared
// with the spec already.
type remote interface {
	observer
	writer
}

// observer is the half of remote that only reads.
type observer interface {
	// kind is how people call the object, as in "private link".
	kind() string
	// states says what the kind's states mean.
	states() decision.StateTable
	// importID is the object that the spec names by its id.
	importID() string

	// prepare resolves what the spec refers to in the cluster. Live asks the API server and not the cache.
	prepare(ctx context.Context, live bool) (preparation, error)
	// read returns what the list that the object is in shows of it.
	read(ctx context.Context, opts inventory.ReadOptions) (listing, error)
	// getIsCheaper reports whether get costs fewer calls than read.
	getIsCheaper(opts inventory.ReadOptions) bool
	// waiting is how many objects of the list are waited for.
	waiting() int
	// isMine reports whether an object that was found with that id is the one that the status names.
	isOwned(id string) bool
	// get asks Atlas for the one object of that id and lays the answer over the list.
	get(ctx context.Context, id string) (decision.RemoteObject, error)
	// watch has wake called once the list shows the object of that id otherwise than this reconciliation saw it. Nil
	// when it cannot be watched.
	watch(ctx context.Context, id string, wake func()) (stop func())
	// warn tells of what Atlas takes and that does not work, once it is prepared.
	warn()
	// enrich fills what helps people and nothing waits for. It may ask Atlas, once in a while.
	enrich(ctx context.Context)

	// publish copies what Atlas says of the object into the status.
	publish(v decision.RemoteObject)
	// forget takes what Atlas said of an earlier object out of the status.
	forget()
	// extraConditions sets the conditions that only this kind has.
	extraConditions(c conditions)
	// rebind goes on with object, the same resource as the API server now has it.
	setObject(object managed)
	// redact takes secret values that were used in this reconciliation out of text.
	redact(text string) string
}

// writer is the half of remote that changes Atlas, and what has to be known before. Its writes are called at most
// once per reconciliation.
type writer interface {
	// identity says which object of Atlas the spec means. Resources with the same identity mean the same object.
	identity() string
	// claimKey is what only one resource at a time may ask Atlas to create.
	claimKey() string
	// lockKey is what writes to this object are serialised by.
	lockKey() string
	// queueKey is what creations queue by before they get the lock, where two of them cannot mean the same object; empty
	// where they can.
	queueKey() string
	// objectKey is unique for the object of that id among all objects of the kind.
	objectKey(id string) string
	// create asks Atlas for a new object. The answer is laid over the list.
	create(ctx context.Context) (decision.RemoteObject, error)
	// update sends what differs in target; it does not read the result.
	update(ctx context.Context, target decision.RemoteObject) error
	// delete asks Atlas to delete the object of that id.
	delete(ctx context.Context, id string) error
	// requested notes in the status what Atlas is about to be asked for, as far as that could be edited meanwhile.
	requested()
	// sent notes in the status what Atlas was sent: which Secrets, and for a created one which private link.
	sent(created bool)
	// owner is another resource that the object of that id belongs to.
	owner(ctx context.Context, id string) (string, error)
	// same are the resources with the same identity, this one among them.
	same(ctx context.Context) ([]managed, error)
	// users are the resources that still need the object.
	users(ctx context.Context) ([]string, error)
	// showUsers publishes the users that a deletion waits for.
	showUsers(users []string)
	// inUseHint says who may use the object when Atlas only says that it is in use.
	inUseHint() string
	// carryStatus puts the status of this reconciliation onto newest.
	carryStatus(newest managed)
}

// preparation is what a spec needs beside itself.
type preparation struct {
	// gate is what a creation has to wait for, secretGate the Secret or ConfigMap that is missing.
	gate, secretGate *decision.Blocker
	// resend: a Secret changed since it was last sent.
	resendSecrets bool
	// dependencies is what DependenciesReady says; nil when there are none.
	dependencies *decision.Condition
	// unwatched: something that the spec refers to can change without an event.
	unwatched bool
	// fingerprint changes when anything does that a request is made of, beside the spec.
	fingerprint string
}

// listing is what a complete list shows of one resource.
type listing struct {
	begun time.Time
	// candidates match the identity, leaving ones are being deleted.
	candidates, deleting []decision.RemoteObject
	// byID finds any object of the list.
	byID func(id string) *decision.RemoteObject
	// nameConflict has the name of the resource's object and another id.
	nameConflict *decision.RemoteObject
}

func nameOf(object interface {
	GetNamespace() string
	GetName() string
}) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
}
