package inventory

import (
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// pendingLifetime is how long an object counts as pending after it was last asked for: longer than any pause between
// two looks at one.
const pendingLifetime = 3 * time.Minute

// GetIsCheaper notes that the object of that key is waited for, and reports whether asking for it by itself costs fewer
// calls than reading the list: a new list would be needed, and has more pages than there are objects waited for.
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

// Waiting is how many objects of the list are waited for.
func (l *List[T]) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropPending(l.clock.Now())
	return len(l.pending)
}

func (l *List[T]) dropPending(now time.Time) {
	for key, at := range l.pending {
		if now.Sub(at) > pendingLifetime {
			delete(l.pending, key)
		}
	}
}
