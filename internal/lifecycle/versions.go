package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// cacheLag is how long a reconciliation waits for the cache to show our own write. Then it reads the API server.
const cacheLag = 30 * time.Second

// versions knows the version of each resource that our last write made: to distinguish our own writes from those of others,
// and to see that the cache is behind.
type versions struct {
	mu     sync.Mutex
	byName map[types.NamespacedName]*version
}

// version is what is known of one resource.
type version struct {
	// last is the version that our last write made, or was in conflict with, at when.
	last string
	at   time.Time
	// writing: a write of ours is under way.
	writing bool
	// seen is the version of the newest event.
	seen string
	// waiting: a reconciliation waits for an event that is not older than last.
	waiting bool
}

func newVersions() *versions { return &versions{byName: map[types.NamespacedName]*version{}} }

func (v *versions) of(name types.NamespacedName) *version {
	if v.byName[name] == nil {
		v.byName[name] = &version{}
	}
	return v.byName[name]
}

// begin notes that a write of ours is under way.
func (v *versions) begin(name types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.of(name).writing = true
}

// end notes the version that the write made or was in conflict with, empty when it failed otherwise. It reports whether an
// event showed a version meanwhile that another writer made after it.
func (v *versions) end(name types.NamespacedName, made string, now time.Time) (foreign bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.of(name)
	known.writing = false
	if made != "" {
		known.last, known.at = made, now
	}
	return known.seen != "" && known.isForeign(known.seen, now)
}

// event notes the version of an event. It reports whether another writer made that version, and whether a reconciliation
// waits for it. While a write of ours is under way it is not known who made it: the answer is no, and end finds out.
func (v *versions) event(name types.NamespacedName, seen string, now time.Time) (foreign, awaited bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.of(name)
	known.seen = seen
	if known.writing {
		return false, false
	}
	awaited = known.waiting && !isOlder(seen, known.last)
	known.waiting = known.waiting && !awaited
	return known.isForeign(seen, now), awaited
}

func (v *version) isForeign(seen string, now time.Time) bool {
	if v.last == "" || now.Sub(v.at) > cacheLag {
		return seen != v.last
	}
	return !isOlder(seen, v.last) && seen != v.last
}

// behind reports whether a version is older than our last write. A reconciliation that starts from it would take what
// we wrote since for unwritten. Wait is how long it waits for an event; zero means that it reads the API server now.
func (v *versions) behind(name types.NamespacedName, read string, now time.Time) (wait time.Duration, behind bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.byName[name]
	switch {
	case known == nil || known.last == "" || !isOlder(read, known.last):
		return 0, false
	case known.seen != "" && !isOlder(known.seen, known.last):
		return immediately, true // the event came after the read
	}
	known.waiting = true
	return max(known.at.Add(cacheLag).Sub(now), 0), true
}

func isOlder(a, b string) bool {
	order, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && order < 0
}

// forget drops what is known of a resource that is gone, or whose versions began anew because etcd was restored.
func (v *versions) forget(name types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.byName, name)
}
