package lifecycle

import (
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
)

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
