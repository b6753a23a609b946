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

// writtenAt is when the object was last touched by ourselves; zero when never, or long ago.
func (a *answers[T]) writtenAt(key string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byKey[key].at
}

// overlay lays the answers that are newer than a list begun at begun over its objects, and forgets those that
// the list made superfluous: it holds the object, or it began so late that it would.
func (a *answers[T]) overlay(objects map[string]T, begun time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, answer := range a.byKey {
		_, listed := objects[key]
		newer := begun.After(answer.at)
		switch {
		case newer && (listed || !answer.known || begun.Sub(answer.at) > a.settle):
			if begun.Sub(answer.at) > a.settle {
				delete(a.byKey, key)
			}
		case answer.known:
			objects[key] = answer.object
		}
	}
}
