package inventory

import (
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

// lookups caches results of Atlas, so that any number of resources cost one call.
type lookups[V any] struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	known map[lookupKey]lookup[V]
}

type lookupKey struct{ credential, project, name string }

type lookup[V any] struct {
	value V
	found bool
	until time.Time
}

func newLookups[V any](clk clock.PassiveClock) lookups[V] {
	return lookups[V]{clock: clk, known: map[lookupKey]lookup[V]{}}
}

func keyOf(client *atlas.Client, projectID, name string) lookupKey {
	return lookupKey{client.CredentialKey(), projectID, name}
}

// get returns the cached value or reads it. False means that it is unavailable now.
func (l *lookups[V]) get(key lookupKey, read func() (V, error)) (V, bool) {
	if entry, fresh := l.entry(key); fresh {
		return entry.value, entry.found
	}
	value, err := read()
	entry := lookup[V]{value: value, found: err == nil, until: l.clock.Now().Add(lookupLifetime)}
	if err != nil {
		entry.until = l.clock.Now().Add(lookupRetry)
	}
	l.keep(key, entry)
	return entry.value, entry.found
}

// keep drops expired entries and, if the cache is full, the entry that expires next: failures before results.
func (l *lookups[V]) keep(key lookupKey, entry lookup[V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	maps.DeleteFunc(l.known, func(_ lookupKey, known lookup[V]) bool { return !now.Before(known.until) })
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

func (l *lookups[V]) entry(key lookupKey) (entry lookup[V], fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry, ok := l.known[key]
	if ok && !l.clock.Now().Before(entry.until) {
		delete(l.known, key)
		return lookup[V]{}, false
	}
	return entry, ok
}

func (l *lookups[V]) forget(key lookupKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, key)
}
