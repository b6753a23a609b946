package lifecycle

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
