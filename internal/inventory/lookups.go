package inventory

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

const (
	// lookupLifetime is how long a result is cached. The looked-up values rarely change.
	lookupLifetime = 24 * time.Hour
	// lookupRetry is how long a failure is cached. The values are informational only.
	lookupRetry = 10 * time.Minute
	// maxLookups limits each cache, because projects, regions and workspaces come from users.
	maxLookups = 1000
)

// Lookups caches single objects of a project by their name, so that any number of resources cost one call. It is
// informational: what cannot be read now is left out.
type Lookups[N comparable, V any] struct {
	read func(client *atlas.Client, ctx context.Context, projectID string, name N) (V, error)
	// found and failed are apart, so that made-up names push no result out.
	found, failed *cache.LRUExpireCache
}

// Account names the cloud provider, in lower case, and the region that account details are for.
type Account struct{ Provider, Region string }

type lookupKey[N comparable] struct {
	credential, project string
	name                N
}

func newLookups[N comparable, V any](clk clock.PassiveClock, read func(*atlas.Client, context.Context, string, N) (V, error)) *Lookups[N, V] {
	return &Lookups[N, V]{
		read:  read,
		found: cache.NewLRUExpireCacheWithClock(maxLookups, clk), failed: cache.NewLRUExpireCacheWithClock(maxLookups, clk),
	}
}

// Known returns the object without calling Atlas.
func (l *Lookups[N, V]) Known(client *atlas.Client, projectID string, name N) (V, bool) {
	known, _ := l.found.Get(keyOf(client, projectID, name))
	value, ok := known.(V)
	return value, ok
}

// Get returns the object and calls Atlas only if it is not cached. False means that it is unavailable now.
func (l *Lookups[N, V]) Get(ctx context.Context, client *atlas.Client, projectID string, name N) (V, bool) {
	value, known := l.Known(client, projectID, name)
	key := keyOf(client, projectID, name)
	if _, failed := l.failed.Get(key); known || failed {
		return value, known
	}
	value, err := l.read(client, ctx, projectID, name)
	if err != nil {
		l.failed.Add(key, nil, lookupRetry)
		return value, false
	}
	l.found.Add(key, value, lookupLifetime)
	return value, true
}

// Forget drops an object that no longer exists: a new one of the same name may differ.
func (l *Lookups[N, V]) Forget(client *atlas.Client, projectID string, name N) {
	l.found.Remove(keyOf(client, projectID, name))
	l.failed.Remove(keyOf(client, projectID, name))
}

func keyOf[N comparable](client *atlas.Client, projectID string, name N) lookupKey[N] {
	return lookupKey[N]{client.CredentialKey(), projectID, name}
}
