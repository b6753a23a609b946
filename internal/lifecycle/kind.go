package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Kind describes one kind of resource: data and pure functions, made once. Fields that may be nil say so.
type Kind struct {
	// Name is the kind in manifests, Noun the name of its objects in messages, as in "private link".
	Name, Noun string
	// States says what the states of the kind mean.
	States decision.StateTable
	// ReadOnly: the kind never writes to Atlas. It has no keys, and its remote embeds ReadOnly.
	ReadOnly bool

	// New returns an empty resource, NewList an empty list of them.
	New     func() Managed
	NewList func() client.ObjectList

	// Keys are what a resource is matched, claimed and serialised by.
	Keys func(Managed) Keys
	// ObjectKey is unique for the object of that id among all objects of the kind.
	ObjectKey func(object Managed, id string) string
	// ObjectsByIdentity: resources with the same ObjectKey have the same identity, so that no index of ObjectKey is needed.
	ObjectsByIdentity bool
	// Owns reports whether an object that was found with that id is the one that the status names. Nil compares the ids.
	Owns func(object Managed, id string) bool
	// SameObject reports whether two resources of one identity can mean the same object. Nil: they always do.
	SameObject func(a, b Managed) bool
	// ImportID is the object that the spec names by its id. Nil: the kind has no such field.
	ImportID func(Managed) string
	// LimiterKey is what a resource shares slots with. Nil: its project.
	LimiterKey func(Managed) string

	// Refers returns the names of the Secrets, or of the ConfigMaps, that the spec takes values from. Nil: none.
	Refers func(object Managed, kind string) []string
	// Users are the resources that still need the object. Nil: nothing uses objects of the kind.
	Users func(ctx context.Context, reader client.Reader, object Managed) ([]string, error)
	// ShowUsers publishes the users that a deletion waits for. Nil like Users.
	ShowUsers func(object Managed, users []string)
	// InUseHint continues the message when Atlas refuses a deletion because the object is in use.
	InUseHint string
	// ChooseAdvice is how the spec chooses one of several objects that match. Empty: by importId, or by more fields.
	ChooseAdvice string

	// Indexes and Watches are those that only this kind has. Nil: none.
	Indexes []Index
	Watches []Watch

	// Connect makes the remote of a resource for one reconciliation.
	Connect func(*Session) Remote
	// Forget drops what the kind remembers of a resource that is gone. Nil: it remembers nothing.
	Forget func(types.NamespacedName)
	// CertificateExpiries are when the certificates of a resource expire, by the fields of its spec. Nil: it has none.
	CertificateExpiries func(name types.NamespacedName, now time.Time) map[string]time.Time
}

// Keys of one resource.
type Keys struct {
	// Identity says which object of Atlas the spec means. Resources with the same identity mean the same object.
	Identity string
	// Claim is what only one resource at a time may create.
	Claim string
	// Lock is what writes to the object are serialised by.
	Lock string
	// Queued: creations under one lock never mean the same object, so that a few may claim before they get the lock.
	Queued bool
}

// Index is a field index of the cache.
type Index struct {
	Name   string
	Values func(Managed) []string
}

// Watch has the events of other objects wake resources of a kind.
type Watch struct {
	Object client.Object
	Wakes  Wakes
}

// Wakes finds the resources that an event of an object wakes.
type Wakes func(ctx context.Context, reader client.Reader, object client.Object) ([]Managed, error)

func (k *Kind) importID(object Managed) string {
	if k.ImportID == nil {
		return ""
	}
	return k.ImportID(object)
}

func (k *Kind) owns(object Managed, id string) bool {
	if k.Owns == nil {
		return id == object.GetObservedStatus().ID
	}
	return k.Owns(object, id)
}

func (k *Kind) limiterKey(object Managed) string {
	if k.LimiterKey == nil {
		return object.GetManagedSpec().ProjectID
	}
	return k.LimiterKey(object)
}

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
