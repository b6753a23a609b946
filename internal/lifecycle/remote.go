package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Remote is the side of one resource towards Atlas during one reconciliation.
type Remote interface {
	// Resolve resolves what the spec refers to in the cluster. Live reads from the API server and not from the cache.
	// Later calls of Enrich may still change the result.
	Resolve(ctx context.Context, live bool) (*Resolved, error)
	// List returns what the list that holds the object shows of it.
	List(ctx context.Context, opts inventory.ReadOptions) (Listing, error)
	// CachedList returns the list that the object is in and its key there; nil where it is not worth asking.
	CachedList() (list CachedList, key string)
	// Get reads the object of that id and applies the answer to the list.
	Get(ctx context.Context, id string) (decision.RemoteObject, error)
	// Watch has wake called once the list shows the object of that id otherwise than this reconciliation saw it. Nil
	// when it cannot be watched.
	Watch(ctx context.Context, id string, wake func()) (stop func())
	// Create requests a new object from Atlas, and applies the answer to the list.
	Create(ctx context.Context) (decision.RemoteObject, error)
	// Update sends what differs in target; it does not read the result.
	Update(ctx context.Context, target decision.RemoteObject) error
	// Delete requests the deletion of the object of that id. It returns errNameConflict when the id is not the resource's.
	Delete(ctx context.Context, id string) error
	// Publish copies what Atlas says of the object into the status. Nil removes what Atlas said of an earlier object.
	Publish(found *decision.RemoteObject)
	// Sent notes in the status what Atlas is sent.
	Sent(step SentStep)
	// Enrich adds what helps people and nothing waits for. It may call Atlas, once in a while.
	Enrich(ctx context.Context)
	// ExtraConditions sets the conditions that only this kind has.
	ExtraConditions(c Conditions)
}

// SentStep is when a remote notes what Atlas is sent.
type SentStep int

// The steps: a claim is about to be saved, a POST or PATCH succeeded, an existing object was adopted.
const (
	SentClaim SentStep = iota
	SentCreate
	SentUpdate
	SentAdoption
)

// CachedList is an inventory.List.
type CachedList interface {
	// GetIsCheaper reports whether a GET of the object costs fewer calls than reading the list.
	GetIsCheaper(key string, opts inventory.ReadOptions) bool
	// Waiting is how many objects of the list are waited for.
	Waiting() int
}

// Resolved is what the spec refers to.
type Resolved struct {
	// Gate is what a creation has to wait for, SecretGate the Secret or ConfigMap that is missing.
	Gate, SecretGate *decision.Blocker
	// ResendSecrets: a Secret changed since it was last sent.
	ResendSecrets bool
	// Dependencies is the condition DependenciesReady; nil when there are none.
	Dependencies *decision.Condition
	// Warnings are about what Atlas accepts and that does not work.
	Warnings []string
	// Unwatched: something that the spec refers to can change without an event.
	Unwatched bool
	// Fingerprint changes when anything does that a request is made of, beside the spec.
	Fingerprint string
	// Secrets are kept out of messages.
	Secrets []atlas.Secret
}

// Listing is what a list of Atlas shows of a resource.
type Listing struct {
	// Begun is when the list was requested.
	Begun time.Time
	// Candidates match the identity, Deleting ones are being deleted.
	Candidates, Deleting []decision.RemoteObject
	// ByID finds any object of the list.
	ByID func(id string) *decision.RemoteObject
	// NameConflict has the name of the resource's object and another id.
	NameConflict *decision.RemoteObject
}

// ReadOnly is the part of a remote that kinds without writes do not need. Its Remote is nil: no decision for a kind that
// neither owns nor imports calls what is missing here.
type ReadOnly struct{ Remote }

// Resolve finds nothing: the spec refers to nothing.
func (ReadOnly) Resolve(context.Context, bool) (*Resolved, error) { return &Resolved{}, nil }

// CachedList returns no list.
func (ReadOnly) CachedList() (list CachedList, key string) { return nil, "" }

// Enrich does nothing.
func (ReadOnly) Enrich(context.Context) {}

// ExtraConditions does nothing.
func (ReadOnly) ExtraConditions(Conditions) {}

// SortObjects makes messages that list objects the same from reconciliation to reconciliation.
func SortObjects(views []decision.RemoteObject) {
	slices.SortFunc(views, func(a, b decision.RemoteObject) int { return cmp.Compare(a.ID, b.ID) })
}

// NameOf is namespace and name of an object.
func NameOf(object interface {
	GetNamespace() string
	GetName() string
}) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
}
