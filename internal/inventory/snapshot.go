package inventory

import (
	"iter"
	"time"
)

// Snapshot is a complete list with our own newer answers applied to it. The zero Snapshot is empty.
type Snapshot[T any] struct {
	// Begun is when the call for the list began: what Atlas held before that moment is in it.
	Begun time.Time

	counted bool          // does not prove that an object is not there
	listed  map[string]*T // shared, never changed
	overlay *overlay[T]
}

// Get returns the object of that key. It is never older than our own last answer about it.
func (s Snapshot[T]) Get(key string) (T, bool) {
	if object := s.find(key); object != nil {
		return *object, true
	}
	var none T
	return none, false
}

func (s Snapshot[T]) find(key string) *T {
	if s.overlay == nil {
		return nil
	}
	return s.overlay.apply(key, s.listed[key], s.Begun)
}

// All yields every object, in no order.
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
			if !yield(*object) {
				return
			}
		}
	}
}
