package inventory

import (
	"reflect"
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

// answer is what Atlas said about one object, or, without one, only that a list begun before at is outdated.
type answer[T any] struct {
	object *T
	at     time.Time
}

func (a *answers[T]) put(object T, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey[a.key(object)] = answer[T]{object: &object, at: at}
}

func (a *answers[T]) outdate(key string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey[key] = answer[T]{at: at}
}

// lay lays the answer about key over what a list begun at begun shows of it; nil is nothing.
func (a *answers[T]) lay(key string, listed *T, begun time.Time) *T {
	a.mu.Lock()
	defer a.mu.Unlock()
	if answer := a.byKey[key]; a.counts(answer, listed != nil, begun) {
		return answer.object
	}
	return listed
}

// over returns the answers that count more than a list begun at begun.
func (a *answers[T]) over(objects map[string]*T, begun time.Time) map[string]*T {
	a.mu.Lock()
	defer a.mu.Unlock()
	laid := map[string]*T{}
	for key, answer := range a.byKey {
		if _, listed := objects[key]; a.counts(answer, listed, begun) {
			laid[key] = answer.object
		}
	}
	return laid
}

// counts reports whether an answer is newer than a list begun at begun, or the list began so soon after it that it may
// lag behind and not show the object yet.
func (a *answers[T]) counts(answer answer[T], listed bool, begun time.Time) bool {
	superseded := begun.After(answer.at) && (listed || begun.Sub(answer.at) > a.settle)
	return answer.object != nil && !superseded
}

// same returns the answer about key when it equals object, so that both need the memory only once.
func (a *answers[T]) same(key string, object *T) *T {
	a.mu.Lock()
	defer a.mu.Unlock()
	return sameOr(a.byKey[key].object, object)
}

// sameOr returns known where it equals object, and object where not.
func sameOr[T any](known, object *T) *T {
	if known != nil && reflect.DeepEqual(*known, *object) {
		return known
	}
	return object
}

// forgetOld drops answers by age alone: the lists of several credentials need them.
func (a *answers[T]) forgetOld(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, answer := range a.byKey {
		if now.Sub(answer.at) > a.settle+idleLifetime {
			delete(a.byKey, key)
		}
	}
}
