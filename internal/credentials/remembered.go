package credentials

import (
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/atlas"
)

const (
	// rememberedFor is how long unused credentials are kept. With those of a deleted Secret, the objects that they
	// created can still be deleted: `helm uninstall` removes Secrets before our resources.
	rememberedFor = time.Hour
	// rememberedPerNamespace limits them per namespace, so that no namespace can evict credentials that deletions in
	// another one need.
	rememberedPerNamespace = 100
)

// rememberedCredentials holds the credentials that this process read from Secrets. It saves a read in every
// reconciliation and serves deletions after the Secret is deleted.
type rememberedCredentials struct {
	mu       sync.Mutex
	bySecret map[types.NamespacedName]remembered
}

// remembered holds the credentials of a Secret at one version. Other values of the Secret are not kept.
type remembered struct {
	uid             types.UID
	resourceVersion string
	credentials     atlas.Credentials
	projects        []string
	seen            time.Time
}

func newRememberedCredentials() *rememberedCredentials {
	return &rememberedCredentials{bySecret: map[types.NamespacedName]remembered{}}
}

func (r *rememberedCredentials) remember(name types.NamespacedName, found remembered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bySecret[name] = found
	count, oldest := 0, name
	for other, old := range r.bySecret {
		if other.Namespace != name.Namespace {
			continue
		}
		if count++; old.seen.Before(r.bySecret[oldest].seen) {
			oldest = other
		}
	}
	if count > rememberedPerNamespace {
		delete(r.bySecret, oldest)
	}
}

// current returns the credentials of the Secret at this version and marks them as used.
func (r *rememberedCredentials) current(name types.NamespacedName, version Source, now time.Time) (remembered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.bySecret[name]
	if !ok || found.uid != version.UID || found.resourceVersion != version.ResourceVersion {
		return remembered{}, false
	}
	found.seen = now
	r.bySecret[name] = found
	return found, true
}

// stillGood returns the credentials last read from the Secret, unless they are too old or Atlas has rejected them.
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

func (r *rememberedCredentials) dropIdle(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.bySecret, func(_ types.NamespacedName, found remembered) bool {
		return now.Sub(found.seen) >= rememberedFor
	})
}
