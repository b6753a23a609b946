package privatelink

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/kinds/connection"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// usesLink reports whether a connection that names the link, or that Atlas says runs over it, keeps it from being
// deleted: what Atlas says counts more than the spec, which others can edit at will.
func usesLink(c *v1alpha1.StreamConnection, linkID string) bool {
	switch {
	case lifecycle.Released(c):
		return false
	case c.Status.PrivateLinkID != "" && !c.Status.OpenClaim():
		return c.Status.ID != "" && c.Status.PrivateLinkID == linkID
	default:
		return c.Status.Owned() || c.Status.OpenClaim()
	}
}

// usersOf are the connections that have, or may have, something in Atlas that uses this link.
func usersOf(ctx context.Context, reader client.Reader, object lifecycle.Managed) ([]string, error) {
	link := object.(*v1alpha1.StreamPrivateLink)
	connections, err := lifecycle.List(ctx, reader, &v1alpha1.StreamConnectionList{},
		client.InNamespace(link.Namespace), lifecycle.ByIndex(connection.IndexLinkRef, link.Name))
	if err != nil {
		return nil, fmt.Errorf("look for connections that refer to the link: %w", err)
	}
	if link.Status.ID != "" {
		key := connection.LinkKey(link.Spec.ProjectID, link.Status.ID)
		byID, err := lifecycle.List(ctx, reader, &v1alpha1.StreamConnectionList{}, lifecycle.ByIndex(connection.IndexLinkID, key))
		if err != nil {
			return nil, fmt.Errorf("look for connections that use the link's id: %w", err)
		}
		connections = append(connections, byID...)
	}
	var names []string
	for _, user := range connections {
		if usesLink(user.(*v1alpha1.StreamConnection), link.Status.ID) {
			names = append(names, lifecycle.NameOf(user).String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// showUsers publishes the connections that a deletion waits for.
func showUsers(object lifecycle.Managed, users []string) {
	status := &object.(*v1alpha1.StreamPrivateLink).Status
	status.UsedBy = users[:min(len(users), decision.MostListed)]
	if len(users) == 0 {
		status.UsedBy = nil
	}
	status.UsedByCount = int32(len(users))
}

// linksInUse wakes the links that wait for a connection to go.
func linksInUse(ctx context.Context, reader client.Reader, object client.Object) ([]lifecycle.Managed, error) {
	user := object.(*v1alpha1.StreamConnection)
	var links []lifecycle.Managed
	for _, name := range connection.LinkRefs(user) {
		link := &v1alpha1.StreamPrivateLink{}
		if err := reader.Get(ctx, types.NamespacedName{Namespace: user.Namespace, Name: name}, link); err == nil {
			links = append(links, link)
		}
	}
	for _, key := range connection.LinkIDs(user) {
		known, err := lifecycle.List(ctx, reader, &v1alpha1.StreamPrivateLinkList{}, lifecycle.ByIndex(lifecycle.IndexObject, key))
		if err != nil {
			return nil, err
		}
		links = append(links, known...)
	}
	return slices.DeleteFunc(links, func(link lifecycle.Managed) bool {
		return link.GetDeletionTimestamp() == nil && link.GetAnnotations()[v1alpha1.AnnotationRecreate] == ""
	}), nil
}
