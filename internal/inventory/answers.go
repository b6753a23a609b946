package inventory

import (
	"sync"
	"time"
)

// answers are what Atlas said to our own calls about single objects of one place, newer than the lists.
type answers[T any] struct {
	key    func(T) string
	settle time.Duration

	mu    sync.Mutex
	byKey map[string]answer[T]
}

// answer is what Atlas said about one object, or, with known false, only that a list begun before at is outdated.
type answer[T any] struct {
	object T
	known  bool
	at     time.Time
}

func (a *answers[T]) put(object T, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey[a.key(object)] = answer[T]{object: object, known: true, at: at}
}

func (a *answers[T]) outdate(key string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey[key] = answer[T]{at: at}
}

// overlay lays the answers that are newer than a list begun at begun over its objects, and those of which it began so
// soon after that it may lag behind. Answers are forgotten by age alone: the lists of several credentials need them.
func (a *answers[T]) overlay(objects map[string]T, begun, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, answer := range a.byKey {
		if now.Sub(answer.at) > a.settle+idleLifetime {
			delete(a.byKey, key)
			continue
		}
		_, listed := objects[key]
		superseded := begun.After(answer.at) && (listed || begun.Sub(answer.at) > a.settle)
		if answer.known && !superseded {
			objects[key] = answer.object
		}
	}
}
