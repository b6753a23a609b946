package lifecycle

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// owners says which resource owns which object in Atlas, and which resource is about to create one, ahead of what
// the caches of the API server show. It closes the gap of some milliseconds in which two resources could both take
// the same object.
type owners struct {
	byKey sync.Map
}

// take makes name the owner of key, unless another is; it returns the owner.
func (o *owners) take(key string, name types.NamespacedName) types.NamespacedName {
	owner, _ := o.byKey.LoadOrStore(key, name)
	return owner.(types.NamespacedName)
}

// peek returns the owner of key; empty when it has none.
func (o *owners) peek(key string) types.NamespacedName {
	owner, _ := o.byKey.Load(key)
	name, _ := owner.(types.NamespacedName)
	return name
}

// release ends the ownership of key by name.
func (o *owners) release(key string, name types.NamespacedName) { o.byKey.CompareAndDelete(key, name) }

// releaseAll ends every ownership of name.
func (o *owners) releaseAll(name types.NamespacedName) {
	o.byKey.Range(func(key, _ any) bool {
		o.byKey.CompareAndDelete(key, name)
		return true
	})
}
