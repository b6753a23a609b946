package controller

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections/status,verbs=patch

// The field indexes of connections.
const (
	// indexLinkRef: the StreamPrivateLink that a connection names.
	indexLinkRef = "privateLinkRef"
	// indexLinkID: project and Atlas id of the links that a connection names by its id, and that Atlas says it uses.
	indexLinkID = "connectionId"
)

// connectionKind describes StreamConnection.
func connectionKind() *Kind { return kindWith(newCertificateMemory()) }

func kindWith(certificates *certificateMemory) *Kind {
	return &Kind{
		Name: "StreamConnection", Noun: "connection", States: decision.ConnectionStates,
		New:  func() managed { return &v1alpha1.StreamConnection{} },
		List: listConnections,
		Keys: func(o managed) Keys { return keysOfConnection(o.(*v1alpha1.StreamConnection)) },
		ObjectKey: func(o managed, _ string) string {
			return "connection " + connectionKey(o.(*v1alpha1.StreamConnection))
		},
		Owns: ownsConnection,
		LimiterKey: func(o managed) string {
			return o.GetManagedSpec().ProjectID + "/" + o.(*v1alpha1.StreamConnection).Spec.WorkspaceName
		},
		Refers:    func(o managed, kind string) []string { return usedNames(&o.(*v1alpha1.StreamConnection).Spec, kind) },
		InUseHint: " Stop or drop the stream processors that use it.",
		Indexes: []Index{
			{indexLinkRef, func(o managed) []string { return linkRefs(o.(*v1alpha1.StreamConnection)) }},
			{indexLinkID, func(o managed) []string { return linkIDs(o.(*v1alpha1.StreamConnection)) }},
		},
		Watches: func(reader client.Reader) []Watch {
			return []Watch{{Object: &v1alpha1.StreamPrivateLink{}, Handler: connectionsOfLink(reader)}}
		},
		Connect: func(s *Session) remote {
			return &connectionRemote{Session: s, certificates: certificates}
		},
		Forget: certificates.forget, CertificateExpiries: certificates.expiries,
	}
}

func listConnections(ctx context.Context, reader client.Reader, opts ...client.ListOption) ([]managed, error) {
	var connections v1alpha1.StreamConnectionList
	err := reader.List(ctx, &connections, opts...)
	return pointers(connections.Items), err
}

// keysOfConnection: connections are told apart by their names. Atlas mixes up writes that overlap in one workspace.
func keysOfConnection(c *v1alpha1.StreamConnection) Keys {
	key := connectionKey(c)
	return Keys{Identity: key, Claim: key, Lock: "workspace " + c.Spec.ProjectID + "/" + c.Spec.WorkspaceName, Queued: true}
}

// connectionKey identifies a connection of Atlas.
func connectionKey(c *v1alpha1.StreamConnection) string {
	return c.Spec.ProjectID + "/" + c.Spec.WorkspaceName + "/" + c.AtlasName()
}

// ownsConnection: where Atlas gave no id at first, the name stands for it.
func ownsConnection(object managed, id string) bool {
	connection := object.(*v1alpha1.StreamConnection)
	known, name := connection.Status.ID, connection.AtlasName()
	return known == id || known == name || id == name
}

func linkRefs(c *v1alpha1.StreamConnection) []string {
	if networking := c.Spec.Networking; networking != nil && networking.PrivateLinkRef != nil {
		return []string{networking.PrivateLinkRef.Name}
	}
	return nil
}

func linkIDs(c *v1alpha1.StreamConnection) []string {
	var keys []string
	add := func(id string) {
		if id != "" {
			keys = append(keys, linkKey(c.Spec.ProjectID, id))
		}
	}
	add(c.Status.PrivateLinkID)
	if networking := c.Spec.Networking; networking != nil && networking.ConnectionID != c.Status.PrivateLinkID {
		add(networking.ConnectionID)
	}
	return keys
}

// connectionsOfLink wakes the connections that refer to a link, at every change of the link's status.
func connectionsOfLink(reader client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, link client.Object) []reconcile.Request {
		found, err := listConnections(ctx, reader, client.InNamespace(link.GetNamespace()), byIndex(indexLinkRef, link.GetName()))
		if err != nil {
			return nil
		}
		return RequestsFor(found)
	})
}
