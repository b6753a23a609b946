package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// cacheLag is how long a cache may be behind our own write. Versions that are older still then are of another history:
// etcd was restored from a backup.
const cacheLag = 30 * time.Second

// versions knows the version of each resource that our last write made: to tell our own writes from those of others,
// and to see that the cache is behind.
type versions struct {
	mu     sync.Mutex
	byName map[types.NamespacedName]*version
}

// version is what is known of one resource.
type version struct {
	// last is the version that our last write made, at when.
	last string
	at   time.Time
	// writing: a write of ours is under way. Seen is the newest version that the cache showed meanwhile.
	writing bool
	seen    string
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

// end notes the version that the write made, empty when it failed, and reports whether the cache showed a version
// meanwhile that somebody else made after it.
func (v *versions) end(name types.NamespacedName, made string, now time.Time) (foreign bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.of(name)
	seen := known.seen
	known.writing, known.seen = false, ""
	if made != "" {
		known.last, known.at = made, now
	}
	return seen != "" && known.isForeign(seen, now)
}

// isForeign reports whether somebody else made that version. While a write of ours is under way nobody knows: the
// answer is no, and end says what came of it.
func (v *versions) isForeign(name types.NamespacedName, seen string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.of(name)
	if known.writing {
		known.seen = seen
		return false
	}
	return known.isForeign(seen, now)
}

func (v *version) isForeign(seen string, now time.Time) bool {
	if v.last == "" || now.Sub(v.at) > cacheLag {
		return seen != v.last
	}
	return !isOlder(seen, v.last) && seen != v.last
}

// isBehind reports whether a version is older than our last write. A reconciliation that starts from it would take what
// we wrote since for unwritten, find nothing to say and leave it so.
func (v *versions) isBehind(name types.NamespacedName, seen string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.byName[name]
	return known != nil && known.last != "" && now.Sub(known.at) <= cacheLag && isOlder(seen, known.last)
}

func isOlder(a, b string) bool {
	order, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && order < 0
}

func (v *versions) forget(name types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.byName, name)
}
