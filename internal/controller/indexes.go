package controller

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
)

// The field indexes of the cache.
const (
	// indexSecret: the Secrets that a resource names, and defaultCredentials for those that name no credentials.
	indexSecret = "secret"
	// indexConfigMap: the ConfigMaps that a connection names.
	indexConfigMap = "configMap"
	// indexIdentity: which object of Atlas the spec means.
	indexIdentity = "identity"
	// indexAtlasID: project and id of the object in Atlas.
	indexAtlasID = "atlasID"
	// indexLinkRef: the StreamPrivateLink that a connection names.
	indexLinkRef = "privateLinkRef"
	// indexLinkID: project and Atlas id of the links that a connection names by its id, and that Atlas says it uses.
	indexLinkID = "connectionId"
)

// defaultCredentials stands for "no credentialsRef" in indexSecret; no Secret can have this name.
const defaultCredentials = "<default>"

func byIndex(index, value string) client.MatchingFieldsSelector {
	return client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector(index, value)}
}

// linkKey identifies a private link of Atlas.
func linkKey(projectID, id string) string { return projectID + "/" + id }

// identityKey says which private link of Atlas a resource means: the same in the index and wherever it is looked up.
func identityKey(l *v1alpha1.StreamPrivateLink) string {
	return l.Spec.ProjectID + " " + linkIdentity(&l.Spec)
}

// connectionKey identifies a connection of Atlas.
func connectionKey(c *v1alpha1.StreamConnection) string {
	return c.Spec.ProjectID + "/" + c.Spec.WorkspaceName + "/" + c.AtlasName()
}

// addIndexes registers every index.
func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	link, connection, service := &v1alpha1.StreamPrivateLink{}, &v1alpha1.StreamConnection{}, &v1alpha1.PrivateEndpointService{}
	indexes := []struct {
		object client.Object
		name   string
		values client.IndexerFunc
	}{
		{link, indexSecret, func(o client.Object) []string { return credentialSecrets(o.(*v1alpha1.StreamPrivateLink)) }},
		{link, indexIdentity, func(o client.Object) []string {
			return []string{identityKey(o.(*v1alpha1.StreamPrivateLink))}
		}},
		{link, indexAtlasID, func(o client.Object) []string {
			l := o.(*v1alpha1.StreamPrivateLink)
			return nonEmpty(l.Status.ID, linkKey(l.Spec.ProjectID, l.Status.ID))
		}},
		{service, indexSecret, func(o client.Object) []string { return credentialSecrets(o.(*v1alpha1.PrivateEndpointService)) }},
		{connection, indexSecret, func(o client.Object) []string {
			c := o.(*v1alpha1.StreamConnection)
			return append(credentialSecrets(c), usedNames(&c.Spec, credentials.KindSecret)...)
		}},
		{connection, indexConfigMap, func(o client.Object) []string {
			return usedNames(&o.(*v1alpha1.StreamConnection).Spec, credentials.KindConfigMap)
		}},
		{connection, indexIdentity, func(o client.Object) []string {
			return []string{connectionKey(o.(*v1alpha1.StreamConnection))}
		}},
		{connection, indexLinkRef, func(o client.Object) []string { return linkRefs(o.(*v1alpha1.StreamConnection)) }},
		{connection, indexLinkID, func(o client.Object) []string { return linkIDs(o.(*v1alpha1.StreamConnection)) }},
	}
	for _, index := range indexes {
		if err := indexer.IndexField(ctx, index.object, index.name, index.values); err != nil {
			return fmt.Errorf("index %s: %w", index.name, err)
		}
	}
	return nil
}

func nonEmpty(condition, value string) []string {
	if condition == "" {
		return nil
	}
	return []string{value}
}

func credentialSecrets(object v1alpha1.Managed) []string {
	if reference := object.GetManagedSpec().CredentialsRef; reference != nil {
		return []string{reference.Name}
	}
	return []string{defaultCredentials}
}

func linkRefs(c *v1alpha1.StreamConnection) []string {
	if networking := c.Spec.Networking; networking != nil && networking.PrivateLinkRef != nil {
		return []string{networking.PrivateLinkRef.Name}
	}
	return nil
}

func linkIDs(c *v1alpha1.StreamConnection) []string {
	keys := nonEmpty(c.Status.PrivateLinkID, linkKey(c.Spec.ProjectID, c.Status.PrivateLinkID))
	if networking := c.Spec.Networking; networking != nil && networking.ConnectionID != c.Status.PrivateLinkID {
		keys = append(keys, nonEmpty(networking.ConnectionID, linkKey(c.Spec.ProjectID, networking.ConnectionID))...)
	}
	return keys
}
