// Package privatelink is the kind StreamPrivateLink.
package privatelink

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/connection"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks/status,verbs=patch

// states has the meaning of each state of a private link.
var states = decision.StateTable{
	"":                 {Class: decision.StatePending, Reason: v1alpha1.ReasonCreating},
	"IDLE":             {Class: decision.StatePending, Reason: v1alpha1.ReasonIdle},
	"WORKING":          {Class: decision.StatePending, Reason: v1alpha1.ReasonWorking},
	"DONE":             {Class: decision.StateReady, Reason: v1alpha1.ReasonDone},
	"FAILED":           {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleteRequested},
	"DELETING":         {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
	"DELETED":          {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleted},
}

// Kind describes StreamPrivateLink.
func Kind() *lifecycle.Kind {
	return &lifecycle.Kind{
		Name: "StreamPrivateLink", Noun: "private link", States: states,
		New:     func() lifecycle.Managed { return &v1alpha1.StreamPrivateLink{} },
		NewList: func() client.ObjectList { return &v1alpha1.StreamPrivateLinkList{} },
		Keys:    func(o lifecycle.Managed) lifecycle.Keys { return keysOfLink(o.(*v1alpha1.StreamPrivateLink)) },
		ObjectKey: func(o lifecycle.Managed, id string) string {
			return connection.LinkKey(o.GetManagedSpec().ProjectID, id)
		},
		SameObject: func(a, b lifecycle.Managed) bool {
			one := linkRequest(&a.(*v1alpha1.StreamPrivateLink).Spec)
			other := linkRequest(&b.(*v1alpha1.StreamPrivateLink).Spec)
			return sameVariant(&one, &other)
		},
		ImportID: func(o lifecycle.Managed) string { return o.(*v1alpha1.StreamPrivateLink).Spec.ImportID },
		Users:    usersOf, ShowUsers: showUsers,
		InUseHint: " It is used by a connection outside this cluster, or by one that was kept by deletionPolicy Retain: delete that connection.",
		Watches:   []lifecycle.Watch{{Object: &v1alpha1.StreamConnection{}, Wakes: linksInUse}},
		Connect: func(s *lifecycle.Session) lifecycle.Remote {
			link := s.Object.(*v1alpha1.StreamPrivateLink)
			if status := &link.Status; status.ObservedGeneration != link.Generation && !status.Owned() && !status.OpenClaim() {
				status.AtlasAccount = nil // the spec may name another region now
			}
			return &remote{Session: s, seen: map[string]atlas.PrivateLink{}}
		},
	}
}

// keysOfLink: the identity leaves out what Atlas does not return for every link, the claim has it.
func keysOfLink(link *v1alpha1.StreamPrivateLink) lifecycle.Keys {
	want := wantedLinkOf(&link.Spec)
	identity := link.Spec.ProjectID + " " + want.identity()
	domain, endpoint := variantOf(&want.request)
	return lifecycle.Keys{Identity: identity, Claim: strings.Join([]string{identity, domain, endpoint}, " "), Lock: "private link " + identity}
}

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
