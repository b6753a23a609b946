// Package connection is the kind StreamConnection.
package connection

import (
	"cmp"
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections/status,verbs=patch

// The field indexes of connections.
const (
	// IndexLinkRef: the StreamPrivateLink that a connection names.
	IndexLinkRef = "privateLinkRef"
	// IndexLinkID: project and Atlas id of the links that a connection names by its id, and that Atlas says it uses.
	IndexLinkID = "connectionId"
)

// states has the meaning of each state of a connection.
var states = decision.StateTable{
	"":         {Class: decision.StatePending, Reason: v1alpha1.ReasonCreating},
	"PENDING":  {Class: decision.StatePending, Reason: v1alpha1.ReasonPending},
	"READY":    {Class: decision.StateReady, Reason: v1alpha1.ReasonReady},
	"FAILED":   {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETING": {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
	"DELETED":  {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleted},
}

// Kind describes StreamConnection.
func Kind() *lifecycle.Kind { return kindWith(&certificateMemory{}) }

func kindWith(certificates *certificateMemory) *lifecycle.Kind {
	return &lifecycle.Kind{
		Name: "StreamConnection", Noun: "connection", States: states,
		New:     func() lifecycle.Managed { return &v1alpha1.StreamConnection{} },
		NewList: func() client.ObjectList { return &v1alpha1.StreamConnectionList{} },
		Keys:    func(o lifecycle.Managed) lifecycle.Keys { return keysOfConnection(o.(*v1alpha1.StreamConnection)) },
		ObjectKey: func(o lifecycle.Managed, _ string) string {
			return "connection " + connectionKey(o.(*v1alpha1.StreamConnection))
		},
		ObjectsByIdentity: true,
		Owns:              ownsConnection,
		LimiterKey: func(o lifecycle.Managed) string {
			return o.GetManagedSpec().ProjectID + "/" + o.(*v1alpha1.StreamConnection).Spec.WorkspaceName
		},
		Refers: func(o lifecycle.Managed, kind string) []string {
			return usedNames(&o.(*v1alpha1.StreamConnection).Spec, kind)
		},
		InUseHint: " Stop or drop the stream processors that use it.",
		Indexes: []lifecycle.Index{
			{Name: IndexLinkRef, Values: func(o lifecycle.Managed) []string { return LinkRefs(o.(*v1alpha1.StreamConnection)) }},
			{Name: IndexLinkID, Values: func(o lifecycle.Managed) []string { return LinkIDs(o.(*v1alpha1.StreamConnection)) }},
		},
		Watches: []lifecycle.Watch{{Object: &v1alpha1.StreamPrivateLink{}, Wakes: connectionsOfLink}},
		Connect: func(s *lifecycle.Session) lifecycle.Remote {
			return &remote{Session: s, certificates: certificates}
		},
		Forget:              func(name types.NamespacedName) { certificates.Delete(name) },
		CertificateExpiries: certificates.expiries,
	}
}

// keysOfConnection: a name identifies a connection. Atlas mixes up writes that overlap in one workspace.
func keysOfConnection(c *v1alpha1.StreamConnection) lifecycle.Keys {
	key := connectionKey(c)
	return lifecycle.Keys{Identity: key, Claim: key, Lock: "workspace " + c.Spec.ProjectID + "/" + c.Spec.WorkspaceName, Queued: true}
}

// connectionKey identifies a connection of Atlas.
func connectionKey(c *v1alpha1.StreamConnection) string {
	return c.Spec.ProjectID + "/" + c.Spec.WorkspaceName + "/" + c.AtlasName()
}

// ownsConnection: where Atlas gave no id at first, the name stands for it.
func ownsConnection(object lifecycle.Managed, id string) bool {
	connection := object.(*v1alpha1.StreamConnection)
	known, name := connection.Status.ID, connection.AtlasName()
	return known == id || known == name || id == name
}

// LinkRefs is the name of the StreamPrivateLink that a connection refers to.
func LinkRefs(c *v1alpha1.StreamConnection) []string {
	if networking := c.Spec.Networking; networking != nil && networking.PrivateLinkRef != nil {
		return []string{networking.PrivateLinkRef.Name}
	}
	return nil
}

// LinkIDs are the keys of the links that a connection names by id, and that Atlas says it uses.
func LinkIDs(c *v1alpha1.StreamConnection) []string {
	ids := sets.New(c.Status.PrivateLinkID, cmp.Or(c.Spec.Networking, &v1alpha1.ConnectionNetworking{}).ConnectionID).Delete("")
	var keys []string
	for _, id := range sets.List(ids) {
		keys = append(keys, LinkKey(c.Spec.ProjectID, id))
	}
	return keys
}

// connectionsOfLink wakes the connections that refer to a link, at every change of the link's status.
func connectionsOfLink(ctx context.Context, reader client.Reader, link client.Object) ([]lifecycle.Managed, error) {
	return lifecycle.List(ctx, reader, &v1alpha1.StreamConnectionList{},
		client.InNamespace(link.GetNamespace()), lifecycle.ByIndex(IndexLinkRef, link.GetName()))
}

// LinkKey identifies a private link of Atlas.
func LinkKey(projectID, id string) string { return projectID + "/" + id }
