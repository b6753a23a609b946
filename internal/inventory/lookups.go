package inventory

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

const (
	// lookupLifetime is how long a result is cached. The looked-up values rarely change.
	lookupLifetime = 24 * time.Hour
	// lookupRetry is how long a failure is cached. The values are informational only.
	lookupRetry = 10 * time.Minute
	// maxLookups limits the cache, because projects, regions and workspaces come from users.
	maxLookups = 1000
)

// Lookups caches single objects of a project by their name, so that any number of resources cost one call. It is
// informational: what cannot be read now is left out.
type Lookups[N comparable, V any] struct {
	clock clock.PassiveClock
	read  func(client *atlas.Client, ctx context.Context, projectID string, name N) (V, error)

	mu    sync.Mutex
	known map[lookupKey[N]]lookup[V]
}

// Account names the cloud provider, in lower case, and the region that account details are for.
type Account struct{ Provider, Region string }

type lookupKey[N comparable] struct {
	credential, project string
	name                N
}

type lookup[V any] struct {
	value V
	found bool
	until time.Time
}

func newLookups[N comparable, V any](clk clock.PassiveClock, read func(*atlas.Client, context.Context, string, N) (V, error)) *Lookups[N, V] {
	return &Lookups[N, V]{clock: clk, read: read, known: map[lookupKey[N]]lookup[V]{}}
}

// Known returns the object without calling Atlas.
func (l *Lookups[N, V]) Known(client *atlas.Client, projectID string, name N) (V, bool) {
	entry, fresh := l.entry(keyOf(client, projectID, name))
	return entry.value, fresh && entry.found
}

// Get returns the object and calls Atlas only if it is not cached. False means that it is unavailable now.
func (l *Lookups[N, V]) Get(ctx context.Context, client *atlas.Client, projectID string, name N) (V, bool) {
	key := keyOf(client, projectID, name)
	if entry, fresh := l.entry(key); fresh {
		return entry.value, entry.found
	}
	value, err := l.read(client, ctx, projectID, name)
	entry := lookup[V]{value: value, found: err == nil, until: l.clock.Now().Add(lookupLifetime)}
	if err != nil {
		entry.until = l.clock.Now().Add(lookupRetry)
	}
	l.keep(key, entry)
	return entry.value, entry.found
}

// Forget drops an object that no longer exists: a new one of the same name may differ.
func (l *Lookups[N, V]) Forget(client *atlas.Client, projectID string, name N) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, keyOf(client, projectID, name))
}

func keyOf[N comparable](client *atlas.Client, projectID string, name N) lookupKey[N] {
	return lookupKey[N]{client.CredentialKey(), projectID, name}
}

// keep drops expired entries and, if the cache is full, the entry that expires next: failures before results.
func (l *Lookups[N, V]) keep(key lookupKey[N], entry lookup[V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	maps.DeleteFunc(l.known, func(_ lookupKey[N], known lookup[V]) bool { return !now.Before(known.until) })
	if len(l.known) >= maxLookups {
		next := key
		soonest := entry.until
		for other, known := range l.known {
			if !known.until.After(soonest) {
				next, soonest = other, known.until
			}
		}
		delete(l.known, next)
	}
	if len(l.known) < maxLookups {
		l.known[key] = entry
	}
}

func (l *Lookups[N, V]) entry(key lookupKey[N]) (entry lookup[V], fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry, ok := l.known[key]
	if ok && !l.clock.Now().Before(entry.until) {
		delete(l.known, key)
		return lookup[V]{}, false
	}
	return entry, ok
}
