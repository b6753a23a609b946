package inventory

import (
	"iter"
	"maps"
	"reflect"
	"sync"
	"time"
)

// Snapshot is a complete list with the operator's own newer results applied. The zero Snapshot is empty.
type Snapshot[T object] struct {
	// Begun is the start of the list call. The list contains what existed in Atlas before that time.
	Begun time.Time

	counted bool          // does not prove the absence of an object
	listed  map[string]*T // shared, immutable
	overlay *overlay[T]
}

// Get returns the object of that key. It is never older than the last own result for it.
func (s Snapshot[T]) Get(key string) (object T, found bool) {
	if known := s.find(key); known != nil {
		return *known, true
	}
	return object, false
}

func (s Snapshot[T]) find(key string) *T {
	if s.overlay == nil {
		return nil
	}
	return s.overlay.apply(key, s.listed[key], s.Begun)
}

// All yields every object in random order.
func (s Snapshot[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		if s.overlay == nil {
			return
		}
		newer := s.overlay.newerThan(s.listed, s.Begun)
		for key, object := range s.listed {
			if _, superseded := newer[key]; !superseded && !yield(*object) {
				return
			}
		}
		for _, object := range newer {
			if object != nil && !yield(*object) {
				return
			}
		}
	}
}

// overlay holds the results of the operator's own calls about objects of one scope. They are newer than the lists.
type overlay[T object] struct {
	settle time.Duration

	mu    sync.Mutex
	byKey map[string]overlayEntry[T]
}

// overlayEntry is the result for one object. Without an object, lists that began before at do not show it.
type overlayEntry[T object] struct {
	object *T
	at     time.Time
}

// set ignores the result of a call that began before a newer one.
func (a *overlay[T]) set(key string, entry overlayEntry[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.byKey[key].at.After(entry.at) {
		a.byKey[key] = entry
	}
}

// apply returns the overlay's object for key if it is newer than a list begun at begun, else listed. Nil means absent.
func (a *overlay[T]) apply(key string, listed *T, begun time.Time) *T {
	a.mu.Lock()
	defer a.mu.Unlock()
	if answer := a.byKey[key]; a.applies(answer, listed != nil, begun) {
		return answer.object
	}
	return listed
}

// newerThan returns the entries that are newer than a list begun at begun.
func (a *overlay[T]) newerThan(objects map[string]*T, begun time.Time) map[string]*T {
	a.mu.Lock()
	defer a.mu.Unlock()
	newer := map[string]*T{}
	for key, answer := range a.byKey {
		if _, listed := objects[key]; a.applies(answer, listed, begun) {
			newer[key] = answer.object
		}
	}
	return newer
}

// applies reports whether an entry is newer than a list begun at begun, or the list began so soon after it that it may
// be stale.
func (a *overlay[T]) applies(answer overlayEntry[T], listed bool, begun time.Time) bool {
	lags := !listed && begun.Sub(answer.at) <= a.settle
	return begun.Before(answer.at) || answer.object != nil && (lags || begun.Equal(answer.at))
}

// same returns the overlay's object if it equals object, so that only one copy stays in memory.
func (a *overlay[T]) same(key string, object *T) *T {
	a.mu.Lock()
	defer a.mu.Unlock()
	return sameOr(a.byKey[key].object, object)
}

// sameOr returns known if it equals object, else object.
func sameOr[T object](known, object *T) *T {
	if known != nil && reflect.DeepEqual(*known, *object) {
		return known
	}
	return object
}

// forgetOld drops entries only by age, because the lists of several credentials need them.
func (a *overlay[T]) forgetOld(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.byKey, func(_ string, answer overlayEntry[T]) bool {
		return now.Sub(answer.at) > a.settle+idleLifetime
	})
}
