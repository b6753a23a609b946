package lifecycle

import (
	"context"
	"fmt"
	"sync"
)

// locks serialise writes to Atlas by key: Atlas mixes up writes that overlap in one workspace, and a link must not
// be matched and created twice at the same moment. A key always has the same number of places, mostly one.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	token   chan struct{}
	waiters int
}

func newLocks() *locks { return &locks{held: map[string]*lock{}} }

// acquire waits for one of the places that key has and returns what gives it back, the first time that it is called.
func (l *locks) acquire(ctx context.Context, key string, places int) (release func(), err error) {
	l.mu.Lock()
	entry := l.held[key]
	if entry == nil {
		entry = &lock{token: make(chan struct{}, places)}
		l.held[key] = entry
	}
	entry.waiters++
	l.mu.Unlock()

	select {
	case entry.token <- struct{}{}:
		return sync.OnceFunc(func() { <-entry.token; l.leave(key, entry) }), nil
	case <-ctx.Done():
		l.leave(key, entry)
		return nil, fmt.Errorf("wait for another write to Atlas: %w", ctx.Err())
	}
}

func (l *locks) leave(key string, entry *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry.waiters--; entry.waiters == 0 {
		delete(l.held, key)
	}
}
