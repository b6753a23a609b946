package credentials

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// The keys of a credentials Secret, equal to those of the official MongoDB operator.
const (
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyPublicAPIKey  = "publicApiKey"
	keyPrivateAPIKey = "privateApiKey"
	// KeyProjectIDs limits default credentials to projects.
	KeyProjectIDs = "projectIds"
)

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

// Key identifies the credentials in memory.
func (g InUse) Key() string {
	if g.Client == nil {
		return ""
	}
	return g.Client.CredentialKey()
}

// Store finds, validates and remembers credentials, and keeps one client for each.
type Store struct {
	Secrets  *Reader
	defaults Defaults
	clock    clock.WithDelayedExecution
	clients  *clientPool
	known    *rememberedCredentials
}

// Defaults configures the credentials of resources that reference none. The zero value disables them.
type Defaults struct {
	Name types.NamespacedName
	// Namespaces may use them in addition to the Secret's own; "*" means all.
	Namespaces []string
}

func (d Defaults) allow(namespace string) bool {
	return namespace == d.Name.Namespace || slices.Contains(d.Namespaces, "*") || slices.Contains(d.Namespaces, namespace)
}

// NewStore returns an empty store.
func NewStore(secrets *Reader, options atlas.Options, defaults Defaults, clock clock.WithDelayedExecution) *Store {
	return &Store{
		Secrets: secrets, defaults: defaults, clock: clock, clients: newClientPool(options), known: newRememberedCredentials(),
	}
}

// Close revokes all tokens.
func (c *Store) Close(ctx context.Context) error { return c.clients.close(ctx) }

// idleCheckInterval is the interval of the search for unused credentials.
const idleCheckInterval = time.Minute

// DropIdle drops unused credentials until the context ends. It does not depend on reconciliations, because there may
// be no resources left.
func (c *Store) DropIdle(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.clock.After(idleCheckInterval):
			c.known.dropIdle(c.clock.Now())
			c.clients.dropIdle(ctx, c.clock.Now())
		}
	}
}

// Resolve finds the credentials of a resource. A blocker describes what is missing.
func (c *Store) Resolve(ctx context.Context, object v1alpha1.Managed, now time.Time) (InUse, *decision.Blocker, error) {
	reference := object.GetManagedSpec().CredentialsRef
	if reference == nil {
		return c.fromDefaults(ctx, object, now)
	}
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: reference.Name}
	credentials, _, blocked, err := c.load(ctx, name, now)
	if err != nil {
		return InUse{}, nil, err
	}
	if blocked == nil {
		return c.use(credentials, name, now)
	}
	if object.GetDeletionTimestamp() == nil {
		return InUse{}, blocked, nil
	}
	return c.forDeletion(ctx, object, name, blocked, now)
}

// forDeletion returns credentials for a deletion whose Secret is unusable: remembered ones first, then the default
// ones if allowed.
func (c *Store) forDeletion(ctx context.Context, object v1alpha1.Managed, name types.NamespacedName, blocked *decision.Blocker, now time.Time) (InUse, *decision.Blocker, error) {
	if credentials, ok := c.known.stillGood(name, now); ok && blocked.Reason == v1alpha1.ReasonSecretNotFound {
		inUse, trouble, err := c.use(credentials, name, now)
		inUse.Reason = blocked.Reason
		inUse.Note = fmt.Sprintf("Secret %s is gone; its last known credentials are used for this deletion.", name)
		return inUse, trouble, err
	}
	status := object.GetManagedStatus()
	if status.Owned() && c.defaults.Name.Name != "" {
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
	if name.Name == "" {
		return InUse{}, notAllowed("spec.credentialsRef is not set and the operator has no default credentials: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	if !c.defaults.allow(namespace) {
		return InUse{}, notAllowed("spec.credentialsRef is not set and the operator's default credentials are not for this namespace: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	credentials, projects, blocked, err := c.load(ctx, name, now)
	if err != nil || blocked != nil {
		return InUse{}, blocked, err
	}
	foreign := namespace != name.Namespace
	for _, projectID := range projectsOf(object) {
		if !foreign && len(projects) == 0 || slices.Contains(projects, projectID) {
			continue
		}
		return InUse{}, notAllowed(fmt.Sprintf("The operator's default credentials are not for the project %s: name a Secret of this namespace in spec.credentialsRef, or have the project added to %s of the default credentials.", projectID, KeyProjectIDs)), nil
	}
	inUse, blocked, err := c.use(credentials, name, now)
	inUse.FromDefaults = foreign
	return inUse, blocked, err
}

// projectsOf returns the projects that a resource accesses.
func projectsOf(object v1alpha1.Managed) []string {
	projects := []string{object.GetManagedSpec().ProjectID}
	if others, ok := object.(interface{ ReferencedProjectIDs() []string }); ok {
		projects = append(projects, others.ReferencedProjectIDs()...)
	}
	return projects
}

// load returns the credentials of the Secret. It reads and validates only new versions.
func (c *Store) load(ctx context.Context, name types.NamespacedName, now time.Time) (atlas.Credentials, []string, *decision.Blocker, error) {
	version, blocked, err := c.Secrets.Version(ctx, KindSecret, name)
	if err != nil || blocked != nil {
		return atlas.Credentials{}, nil, credentialsBlocker(blocked), err
	}
	if known, ok := c.known.current(name, version, now); ok {
		return known.credentials, known.projects, nil, nil
	}
	found, blocked, err := c.Secrets.Values(ctx, KindSecret, name)
	if err != nil || blocked != nil {
		return atlas.Credentials{}, nil, credentialsBlocker(blocked), err
	}
	values, blocked := credentialTexts(name, found.Data)
	if blocked != nil {
		return atlas.Credentials{}, nil, blocked, nil
	}
	if blocked := incomplete(name, values, found.Data); blocked != nil {
		return atlas.Credentials{}, nil, blocked, nil
	}
	credentials := atlas.Credentials{
		ClientID: values[keyClientID], ClientSecret: atlas.NewSecret(values[keyClientSecret]),
		PublicKey: values[keyPublicAPIKey], PrivateKey: atlas.NewSecret(values[keyPrivateAPIKey]),
	}
	var projects []string
	for project := range strings.SplitSeq(values[KeyProjectIDs], ",") {
		if project = strings.TrimSpace(project); project != "" {
			projects = append(projects, project)
		}
	}
	c.known.remember(name, remembered{
		uid: found.UID, resourceVersion: found.ResourceVersion, credentials: credentials, projects: projects, seen: now,
	})
	return credentials, projects, nil, nil
}

// credentialTexts returns the values of the keys that are present and not blank.
func credentialTexts(name types.NamespacedName, data map[string][]byte) (map[string]string, *decision.Blocker) {
	values := map[string]string{}
	for _, key := range []string{keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey, KeyProjectIDs} {
		value, err := TextOf(data[key])
		if err != nil && !errors.Is(err, errEmpty) {
			return nil, credentialsBlocker(KeyBlocker("Secret %s: the value of the key %s %v: correct it.", name, key, err))
		}
		values[key] = value
	}
	return values, nil
}

// incomplete lists the missing and empty keys.
func incomplete(name types.NamespacedName, values map[string]string, data map[string][]byte) *decision.Blocker {
	blank := func(keys ...string) []string {
		return slices.DeleteFunc(keys, func(key string) bool { return values[key] != "" })
	}
	needed, ofAPIKey := blank(keyClientID, keyClientSecret), blank(keyPublicAPIKey, keyPrivateAPIKey)
	if len(needed) == 0 || len(ofAPIKey) == 0 {
		return nil
	}
	if len(ofAPIKey) < len(needed) {
		needed = ofAPIKey
	}
	var absent, empty []string
	for _, key := range needed {
		if _, ok := data[key]; ok {
			empty = append(empty, key)
		} else {
			absent = append(absent, key)
		}
	}
	var wrong []string
	if len(absent) > 0 {
		wrong = append(wrong, "lacks "+strings.Join(absent, " and "))
	}
	if len(empty) > 0 {
		wrong = append(wrong, "has an empty "+strings.Join(empty, " and "))
	}
	return credentialsBlocker(KeyBlocker("Secret %s %s: put %s and %s of a service account there, or %s and %s of an API key.",
		name, strings.Join(wrong, " and "), keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey))
}

func notAllowed(message string) *decision.Blocker {
	return &decision.Blocker{Effect: decision.CredentialsRefused, Reason: v1alpha1.ReasonNotAllowed, Message: message, Watched: true}
}

func (c *Store) use(credentials atlas.Credentials, name types.NamespacedName, now time.Time) (InUse, *decision.Blocker, error) {
	client, err := c.clients.of(credentials, now)
	if err != nil {
		return InUse{}, &decision.Blocker{
			Effect: decision.CredentialsRefused, Reason: v1alpha1.ReasonUnauthorized, Watched: true,
			Message: fmt.Sprintf("The credentials of Secret %s cannot be used: %v.", name, err),
		}, nil
	}
	return InUse{Client: client, Credentials: credentials, secret: name, Source: "Secret " + name.String()}, nil, nil
}

// Refused drops credentials that Atlas itself rejected as wrong. Do not call it for a proxy's rejection, a missing
// permission or an access list: a deletion may have no other credentials.
func (c *Store) Refused(g InUse) { c.known.forget(g.secret, g.Credentials) }
