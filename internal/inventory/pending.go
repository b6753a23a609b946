package inventory

import (
	"maps"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// pendingLifetime is how long an object counts as pending after the last read of it. It is longer than any pause
// between two reads.
const pendingLifetime = 3 * time.Minute

// GetIsCheaper records that the object is awaited and reports whether reading it individually costs fewer calls than
// the list: a new list is needed and has more pages than there are awaited objects.
func (l *List[T]) GetIsCheaper(key string, opts ReadOptions) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	if l.pending == nil {
		l.pending = map[string]time.Time{}
	}
	l.pending[key] = now
	l.dropPending(now)
	pages := (len(l.last.listed) + atlas.PageSize - 1) / atlas.PageSize
	return !l.serves(opts) && len(l.pending) < pages
}

// Waiting returns the number of awaited objects of the list.
func (l *List[T]) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropPending(l.clock.Now())
	return len(l.pending)
}

func (l *List[T]) dropPending(now time.Time) {
	maps.DeleteFunc(l.pending, func(_ string, at time.Time) bool { return now.Sub(at) > pendingLifetime })
}
