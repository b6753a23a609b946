package controller

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/atlas"
)

// rememberedCredentials are credentials that this process saw in Secrets, for deletions after the Secret is gone.
type rememberedCredentials struct {
	mu       sync.Mutex
	bySecret map[types.NamespacedName]remembered
}

type remembered struct {
	credentials atlas.Credentials
	seen        time.Time
}

func newRememberedCredentials() *rememberedCredentials {
	return &rememberedCredentials{bySecret: map[types.NamespacedName]remembered{}}
}

func (r *rememberedCredentials) remember(name types.NamespacedName, credentials atlas.Credentials, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, old := range r.bySecret {
		if now.Sub(old.seen) > rememberedFor {
			delete(r.bySecret, other)
		}
	}
	r.bySecret[name] = remembered{credentials: credentials, seen: now}
}

// stillGood returns the credentials last seen in the Secret, unless that is too long ago or Atlas refused them since.
func (r *rememberedCredentials) stillGood(name types.NamespacedName, now time.Time) (atlas.Credentials, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.bySecret[name]
	return found.credentials, ok && now.Sub(found.seen) < rememberedFor
}

func (r *rememberedCredentials) forget(name types.NamespacedName, credentials atlas.Credentials) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bySecret[name].credentials == credentials {
		delete(r.bySecret, name)
	}
}
