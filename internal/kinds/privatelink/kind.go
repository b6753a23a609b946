// Package privatelink is the kind StreamPrivateLink.
package privatelink

import (
	"strings"

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
			one, other := linkRequest(&a.(*v1alpha1.StreamPrivateLink).Spec), linkRequest(&b.(*v1alpha1.StreamPrivateLink).Spec)
			return sameVariant(&one, &other)
		},
		ImportID: func(o lifecycle.Managed) string { return o.(*v1alpha1.StreamPrivateLink).Spec.ImportID },
		Users:    usersOf, ShowUsers: showUsers,
		InUseHint: " It is used by a connection outside this cluster, or by one that was kept by deletionPolicy Retain: delete that connection.",
		Watches:   []lifecycle.Watch{{Object: &v1alpha1.StreamConnection{}, Wakes: linksInUse}},
		Connect: func(s *lifecycle.Session) lifecycle.Remote {
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
