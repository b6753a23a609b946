package lifecycle

import (
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// owners says which resource owns which object in Atlas, and which resource is about to create one, ahead of what
// the caches of the API server show. It closes the gap of some milliseconds in which two resources could both take
// the same object.
type owners struct {
	mu    sync.Mutex
	byKey map[string]types.NamespacedName
}

func newOwners() *owners { return &owners{byKey: map[string]types.NamespacedName{}} }

// take makes name the owner of key, unless another is; it returns the owner.
func (o *owners) take(key string, name types.NamespacedName) types.NamespacedName {
	o.mu.Lock()
	defer o.mu.Unlock()
	if owner, ok := o.byKey[key]; ok {
		return owner
	}
	o.byKey[key] = name
	return name
}

// peek returns the owner of key; empty when it has none.
func (o *owners) peek(key string) types.NamespacedName {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.byKey[key]
}

// release ends the ownership of key by name.
func (o *owners) release(key string, name types.NamespacedName) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byKey[key] == name {
		delete(o.byKey, key)
	}
}

// releaseAll ends every ownership of name, except for the keys to keep.
func (o *owners) releaseAll(name types.NamespacedName, keep ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.byKey, func(key string, owner types.NamespacedName) bool {
		return owner == name && !slices.Contains(keep, key)
	})
}
