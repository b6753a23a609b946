// Package credentials creates clients of the Atlas Administration API from the Secrets of resources. It reads and
// validates Secrets, keeps one client per credentials, and remembers what a deletion may need after its Secret is
// deleted.
package credentials

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	// rememberedFor is how long the credentials of a deleted Secret are kept. With them the objects that they created
	// can still be deleted: `helm uninstall` removes Secrets before our resources.
	rememberedFor = time.Hour
	// rememberedPerNamespace limits them per namespace, so that no namespace can evict credentials that deletions in
	// another one need.
	rememberedPerNamespace = 100
	// idleClientLifetime is how long an unused client and its token are kept, beyond the time between polls of a steady
	// resource. rotatedLifetime is that of a client whose credentials no Secret has any more.
	idleClientLifetime, rotatedLifetime = 2 * time.Hour, 15 * time.Minute
	// idleCheckInterval is the interval of the search for unused credentials.
	idleCheckInterval = time.Minute
)

// Store finds, validates and remembers credentials, and keeps one client for each.
type Store struct {
	Secrets  *Reader
	options  atlas.Options
	defaults Defaults
	clock    clock.WithDelayedExecution
	polled   time.Duration // the interval at which steady resources are polled

	mu sync.Mutex
	// remembered saves a read in every reconciliation and serves deletions after the Secret is deleted.
	remembered map[types.NamespacedName]*remembered
	// clients has one client, and so one token or nonce, per credentials. Equal credentials in two Secrets share a
	// client: using it requires knowledge of the secret.
	clients map[atlas.Credentials]*atlas.Client
}

// remembered holds the credentials of a Secret at one version. Other values of the Secret are not kept.
type remembered struct {
	uid             types.UID
	resourceVersion string
	credentials     atlas.Credentials
	projects        []string
	seen            time.Time // guarded by Store.mu
}

// Defaults configures the credentials of resources that reference none. The zero value disables them.
type Defaults struct {
	Name types.NamespacedName
	// Namespaces may use them in addition to the Secret's own; "*" means all.
	Namespaces []string
}

// InUse holds the credentials of one reconciliation.
type InUse struct {
	Client      *atlas.Client
	Credentials atlas.Credentials
	secret      types.NamespacedName
	// Source describes their origin, such as "Secret shop/atlas".
	Source string
	// FromDefaults means the default credentials of another namespace.
	FromDefaults bool
	// Reason and Note are set if these are not the credentials that the resource references.
	Reason, Note string
}

// NewStore returns an empty store. Steady resources are polled at the interval.
func NewStore(secrets *Reader, options atlas.Options, defaults Defaults, clock clock.WithDelayedExecution, polled time.Duration) *Store {
	return &Store{
		Secrets: secrets, options: options, defaults: defaults, clock: clock, polled: polled,
		remembered: map[types.NamespacedName]*remembered{}, clients: map[atlas.Credentials]*atlas.Client{},
	}
}

// Close revokes all tokens, because Atlas limits their number per service account.
func (c *Store) Close(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	failures := make([]error, 0, len(c.clients))
	for _, client := range c.clients {
		failures = append(failures, client.Close(ctx))
	}
	clear(c.clients)
	return errors.Join(failures...)
}

// DropIdle drops unused credentials until the context ends. It does not depend on reconciliations, because there may
// be no resources left.
func (c *Store) DropIdle(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.clock.After(idleCheckInterval):
			c.dropIdle(ctx, c.clock.Now())
		}
	}
}

// dropIdle also revokes the tokens of credentials that are no longer in use, for example after a rotation. A steady
// resource is not reconciled for days: while calls are made with its credentials, its Secret counts as seen if it exists.
func (c *Store) dropIdle(ctx context.Context, now time.Time) {
	c.mu.Lock()
	used := maps.Clone(c.remembered)
	maps.DeleteFunc(used, func(_ types.NamespacedName, found *remembered) bool { return c.clients[found.credentials] == nil })
	c.mu.Unlock()
	for name := range used {
		_, _, _ = c.load(ctx, name, now)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.remembered, func(_ types.NamespacedName, found *remembered) bool {
		return now.Sub(found.seen) >= rememberedFor
	})
	lifetimes := map[atlas.Credentials]time.Duration{}
	for _, found := range c.remembered {
		lifetimes[found.credentials] = idleClientLifetime + c.polled
	}
	maps.DeleteFunc(c.clients, func(credentials atlas.Credentials, client *atlas.Client) bool {
		idle := now.Sub(client.LastUsed()) > max(lifetimes[credentials], rotatedLifetime)
		if idle {
			go func() {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.options.Timeout)
				defer cancel()
				_ = client.Close(ctx) // if the revocation fails, the token expires within the hour
			}()
		}
		return idle
	})
}

// Resolve finds the credentials of a resource. A blocker describes what is missing.
func (c *Store) Resolve(ctx context.Context, object v1alpha1.Managed, now time.Time) (_ InUse, blocked *decision.Blocker, _ error) {
	defer func() {
		if blocked != nil {
			blocked.Effect = decision.CredentialsRefused
		}
	}()
	reference := object.GetManagedSpec().CredentialsRef
	if reference == nil {
		return c.fromDefaults(ctx, object, now)
	}
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: reference.Name}
	found, blocked, err := c.load(ctx, name, now)
	switch {
	case err != nil:
		return InUse{}, nil, err
	case blocked == nil:
		return c.use(found.credentials, name)
	case object.GetDeletionTimestamp() == nil:
		return InUse{}, blocked, nil
	}
	return c.forDeletion(ctx, object, name, blocked, now)
}

// forDeletion returns credentials for a deletion whose Secret is unusable: remembered ones first, then the default
// ones if allowed.
func (c *Store) forDeletion(ctx context.Context, object v1alpha1.Managed, name types.NamespacedName, blocked *decision.Blocker, now time.Time) (InUse, *decision.Blocker, error) {
	c.mu.Lock()
	found, ok := c.remembered[name]
	ok = ok && now.Sub(found.seen) < rememberedFor
	c.mu.Unlock()
	if ok && blocked.Reason == v1alpha1.ReasonSecretNotFound {
		inUse, trouble, err := c.use(found.credentials, name)
		inUse.Reason = blocked.Reason
		inUse.Note = fmt.Sprintf("Secret %s is gone; its last known credentials are used for this deletion.", name)
		return inUse, trouble, err
	}
	if object.GetManagedStatus().Owned() {
		inUse, trouble, err := c.fromDefaults(ctx, object, now)
		if err == nil && trouble == nil {
			inUse.Reason = blocked.Reason
			inUse.Note = fmt.Sprintf("Secret %s cannot be used; the operator's default credentials are used for this deletion.", name)
			return inUse, nil, nil
		}
	}
	return InUse{}, blocked, nil
}

// fromDefaults returns the default credentials if they apply to this namespace and project.
func (c *Store) fromDefaults(ctx context.Context, object v1alpha1.Managed, now time.Time) (InUse, *decision.Blocker, error) {
	name, namespace := c.defaults.Name, object.GetNamespace()
	foreign := namespace != name.Namespace
	if name.Name == "" {
		return InUse{}, notAllowed("spec.credentialsRef is not set and the operator has no default credentials: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	if foreign && !slices.Contains(c.defaults.Namespaces, "*") && !slices.Contains(c.defaults.Namespaces, namespace) {
		return InUse{}, notAllowed("spec.credentialsRef is not set and the operator's default credentials are not for this namespace: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	found, blocked, err := c.load(ctx, name, now)
	if err != nil || blocked != nil {
		return InUse{}, blocked, err
	}
	accessed := []string{object.GetManagedSpec().ProjectID}
	if others, ok := object.(interface{ ReferencedProjectIDs() []string }); ok {
		accessed = append(accessed, others.ReferencedProjectIDs()...)
	}
	for _, projectID := range accessed {
		if (foreign || len(found.projects) > 0) && !slices.Contains(found.projects, projectID) {
			return InUse{}, notAllowed(fmt.Sprintf("The operator's default credentials are not for the project %s: name a Secret of this namespace in spec.credentialsRef, or have the project added to %s of the default credentials.", projectID, KeyProjectIDs)), nil
		}
	}
	inUse, blocked, err := c.use(found.credentials, name)
	inUse.FromDefaults = foreign
	return inUse, blocked, err
}

func notAllowed(message string) *decision.Blocker {
	return &decision.Blocker{Reason: v1alpha1.ReasonNotAllowed, Message: message, Watched: true}
}

// load returns the credentials of the Secret. It reads and validates only new versions.
func (c *Store) load(ctx context.Context, name types.NamespacedName, now time.Time) (*remembered, *decision.Blocker, error) {
	version, blocked, err := c.Secrets.Version(ctx, KindSecret, name)
	if err != nil || blocked != nil {
		return nil, blocked, err
	}
	c.mu.Lock()
	known, ok := c.remembered[name]
	ok = ok && known.uid == version.UID && known.resourceVersion == version.ResourceVersion
	if ok {
		known.seen = now
	}
	c.mu.Unlock()
	if ok {
		return known, nil, nil
	}
	source, blocked, err := c.Secrets.Values(ctx, KindSecret, name)
	if err != nil || blocked != nil {
		return nil, blocked, err
	}
	found, blocked := parse(name, source)
	if blocked != nil {
		return nil, blocked, nil
	}
	found.seen = now
	c.remember(name, found)
	return found, nil, nil
}

func (c *Store) remember(name types.NamespacedName, found *remembered) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remembered[name] = found
	count, oldest := 0, name
	for other, old := range c.remembered {
		if other.Namespace != name.Namespace {
			continue
		}
		if count++; old.seen.Before(c.remembered[oldest].seen) {
			oldest = other
		}
	}
	if count > rememberedPerNamespace {
		delete(c.remembered, oldest)
	}
}

func (c *Store) use(credentials atlas.Credentials, name types.NamespacedName) (InUse, *decision.Blocker, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	client, ok := c.clients[credentials]
	if !ok {
		var err error
		if client, err = atlas.New(credentials, c.options); err != nil {
			return InUse{}, &decision.Blocker{Reason: v1alpha1.ReasonUnauthorized, Watched: true,
				Message: fmt.Sprintf("The credentials of Secret %s cannot be used: %v.", name, err)}, nil
		}
		c.clients[credentials] = client
	}
	client.Used()
	return InUse{Client: client, Credentials: credentials, secret: name, Source: "Secret " + name.String()}, nil, nil
}

// Refused drops credentials that Atlas itself rejected as wrong. Do not call it for a proxy's rejection, a missing
// permission or an access list: a deletion may have no other credentials.
func (c *Store) Refused(g InUse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.remembered[g.secret]; ok && known.credentials == g.Credentials {
		delete(c.remembered, g.secret)
	}
}
