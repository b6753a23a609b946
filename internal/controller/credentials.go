package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// The keys of a credentials Secret, the same as the official MongoDB operator's.
const (
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyPublicAPIKey  = "publicApiKey"
	keyPrivateAPIKey = "privateApiKey"
	// keyProjectIDs limits default credentials to projects.
	keyProjectIDs = "projectIds"
)

// rememberedFor is how long credentials whose Secret is gone can still delete what they made: `helm uninstall`
// removes Secrets before our resources.
const rememberedFor = time.Hour

// grant are the credentials of one pass.
type grant struct {
	client      *atlas.Client
	credentials atlas.Credentials
	secret      types.NamespacedName
	// source says whose they are, as in "Secret shop/atlas".
	source string
	// borrowed: the default credentials of another namespace.
	borrowed bool
	// reason and note say that these are not the credentials that the resource names.
	reason, note string
}

// key identifies the credentials in memory.
func (g grant) key() string {
	if g.client == nil {
		return ""
	}
	return g.client.CredentialKey()
}

// credentialStore finds, checks and remembers credentials, and keeps one client for each.
type credentialStore struct {
	secrets *secretReader
	options Options
	clients *clientPool
	known   *rememberedCredentials
}

// resolve finds the credentials of a resource. An obstacle says what is missing and what to do.
func (c *credentialStore) resolve(ctx context.Context, object managed, now time.Time) (grant, *obstacle, error) {
	reference := object.GetManagedSpec().CredentialsRef
	if reference == nil {
		return c.defaults(ctx, object, now)
	}
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: reference.Name}
	credentials, _, blocked, err := c.load(ctx, name, now)
	if err != nil {
		return grant{}, nil, err
	}
	if blocked == nil {
		return c.grant(ctx, credentials, name, now)
	}
	if object.GetDeletionTimestamp() == nil {
		return grant{}, blocked, nil
	}
	return c.forDeletion(ctx, object, name, blocked, now)
}

// forDeletion: the Secret is not usable, and something in Atlas has to be deleted. Remembered credentials come
// first, then the default ones where they are allowed.
func (c *credentialStore) forDeletion(ctx context.Context, object managed, name types.NamespacedName, blocked *obstacle, now time.Time) (grant, *obstacle, error) {
	if credentials, ok := c.known.stillGood(name, now); ok && blocked.reason == v1alpha1.ReasonSecretNotFound {
		granted, trouble, err := c.grant(ctx, credentials, name, now)
		granted.reason = blocked.reason
		granted.note = fmt.Sprintf("Secret %s is gone; its last known credentials are used for this deletion.", name)
		return granted, trouble, err
	}
	status := object.GetManagedStatus()
	if status.Owned() && c.options.DefaultCredentials.Name != "" {
		granted, trouble, err := c.defaults(ctx, object, now)
		if err == nil && trouble == nil {
			granted.reason = blocked.reason
			granted.note = fmt.Sprintf("Secret %s cannot be used; the operator's default credentials are used for this deletion.", name)
			return granted, nil, nil
		}
	}
	return grant{}, blocked, nil
}

// defaults are the operator's own credentials, where they are meant for this namespace and project.
func (c *credentialStore) defaults(ctx context.Context, object managed, now time.Time) (grant, *obstacle, error) {
	name, namespace := c.options.DefaultCredentials, object.GetNamespace()
	if name.Name == "" {
		return grant{}, notAllowed("spec.credentialsRef is not set and the operator has no default credentials: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	if !c.options.mayUseDefaults(namespace) {
		return grant{}, notAllowed("spec.credentialsRef is not set and the operator's default credentials are not for this namespace: name a Secret of this namespace in spec.credentialsRef."), nil
	}
	credentials, projects, blocked, err := c.load(ctx, name, now)
	if err != nil || blocked != nil {
		return grant{}, blocked, err
	}
	foreign := namespace != name.Namespace
	for _, projectID := range append(referencedProjects(object), object.GetManagedSpec().ProjectID) {
		if !foreign && len(projects) == 0 || slices.Contains(projects, projectID) {
			continue
		}
		return grant{}, notAllowed(fmt.Sprintf("The operator's default credentials are not for the project %s: name a Secret of this namespace in spec.credentialsRef, or have the project added to %s of the default credentials.", projectID, keyProjectIDs)), nil
	}
	granted, blocked, err := c.grant(ctx, credentials, name, now)
	granted.borrowed = foreign
	return granted, blocked, err
}

// referencedProjects are the projects that a spec reaches beside its own.
func referencedProjects(object managed) []string {
	connection, ok := object.(*v1alpha1.StreamConnection)
	if !ok || connection.Spec.Cluster == nil {
		return nil
	}
	return nonEmpty(connection.Spec.Cluster.ClusterProjectID, connection.Spec.Cluster.ClusterProjectID)
}

// load reads and checks the Secret.
func (c *credentialStore) load(ctx context.Context, name types.NamespacedName, now time.Time) (atlas.Credentials, []string, *obstacle, error) {
	found, blocked, err := c.secrets.read(ctx, name)
	if err != nil || blocked != nil {
		return atlas.Credentials{}, nil, blocked, err
	}
	data := found.data
	credentials := atlas.Credentials{
		ClientID: text(data, keyClientID), ClientSecret: atlas.NewSecret(text(data, keyClientSecret)),
		PublicKey: text(data, keyPublicAPIKey), PrivateKey: atlas.NewSecret(text(data, keyPrivateAPIKey)),
	}
	if blocked := incomplete(name, credentials); blocked != nil {
		return atlas.Credentials{}, nil, blocked, nil
	}
	c.known.remember(name, credentials, now)
	var projects []string
	for project := range strings.SplitSeq(text(data, keyProjectIDs), ",") {
		if project = strings.TrimSpace(project); project != "" {
			projects = append(projects, project)
		}
	}
	return credentials, projects, nil, nil
}

func text(data map[string][]byte, key string) string { return strings.TrimSpace(string(data[key])) }

// incomplete names the keys that are missing.
func incomplete(name types.NamespacedName, c atlas.Credentials) *obstacle {
	var missing []string
	switch {
	case c.ClientID != "" && !c.ClientSecret.IsZero(), c.PublicKey != "" && !c.PrivateKey.IsZero():
		return nil
	case c.ClientID != "":
		missing = []string{keyClientSecret}
	case !c.ClientSecret.IsZero():
		missing = []string{keyClientID}
	case c.PublicKey != "":
		missing = []string{keyPrivateAPIKey}
	case !c.PrivateKey.IsZero():
		missing = []string{keyPublicAPIKey}
	default:
		missing = []string{keyClientID, keyClientSecret}
	}
	return &obstacle{
		effect: credentialsRefused, reason: v1alpha1.ReasonKeyMissing, watched: true,
		message: fmt.Sprintf("Secret %s lacks %s: put %s and %s of a service account there, or %s and %s of an API key.",
			name, strings.Join(missing, " and "), keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey),
	}
}

func notAllowed(message string) *obstacle {
	return &obstacle{effect: credentialsRefused, reason: v1alpha1.ReasonNotAllowed, message: message, watched: true}
}

func (c *credentialStore) grant(ctx context.Context, credentials atlas.Credentials, name types.NamespacedName, now time.Time) (grant, *obstacle, error) {
	client, err := c.clients.of(ctx, credentials, now)
	if err != nil {
		return grant{}, &obstacle{
			effect: credentialsRefused, reason: v1alpha1.ReasonUnauthorized, watched: true,
			message: fmt.Sprintf("The credentials of Secret %s cannot be used: %v.", name, err),
		}, nil
	}
	return grant{client: client, credentials: credentials, secret: name, source: "Secret " + name.String()}, nil, nil
}

// refused notes that Atlas does not take these credentials: they are not used from memory any more.
func (c *credentialStore) refused(g grant) { c.known.forget(g.secret, g.credentials) }
