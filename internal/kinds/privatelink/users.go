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
	var names []string
	link := object.(*v1alpha1.StreamPrivateLink)
	connections, err := connectionsOf(ctx, reader, link)
	if err != nil {
		return nil, err
	}
	for _, user := range connections {
		if usesLink(&user, link.Status.ID) {
			names = append(names, lifecycle.NameOf(&user).String())
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

// connectionsOf lists the connections that run over a link, by reference or by the link's Atlas id, as their spec or
// their status says.
func connectionsOf(ctx context.Context, reader client.Reader, link *v1alpha1.StreamPrivateLink) ([]v1alpha1.StreamConnection, error) {
	var byReference, byID v1alpha1.StreamConnectionList
	if err := reader.List(ctx, &byReference, client.InNamespace(link.Namespace), lifecycle.ByIndex(connection.IndexLinkRef, link.Name)); err != nil {
		return nil, fmt.Errorf("look for connections that refer to the link: %w", err)
	}
	if link.Status.ID == "" {
		return byReference.Items, nil
	}
	if err := reader.List(ctx, &byID, lifecycle.ByIndex(connection.IndexLinkID, connection.LinkKey(link.Spec.ProjectID, link.Status.ID))); err != nil {
		return nil, fmt.Errorf("look for connections that use the link's id: %w", err)
	}
	return append(byReference.Items, byID.Items...), nil
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
