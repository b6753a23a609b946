package inventory

import (
	"iter"
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
			if !yield(*object) {
				return
			}
		}
	}
}
