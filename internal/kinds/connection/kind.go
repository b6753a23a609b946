// Package connection is the kind StreamConnection.
package connection

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections/status,verbs=patch

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
func Kind() *lifecycle.Kind { return kindWith(&certificateCache{}) }

func kindWith(certificates *certificateCache) *lifecycle.Kind {
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

// remote is the side of one StreamConnection towards Atlas.
type remote struct {
	*lifecycle.Session
	certificates *certificateCache
	// resolved is what the spec refers to.
	resolved *lifecycle.Resolved
	// link is what the spec's privateLinkRef leads to.
	link   dependency
	values referred
	// seen is the connection of this reconciliation, so that what was compared is what gets published.
	seen atlas.Connection
}

func (e *remote) connection() *v1alpha1.StreamConnection {
	return e.Object.(*v1alpha1.StreamConnection)
}
func (e *remote) project() string   { return e.connection().Spec.ProjectID }
func (e *remote) workspace() string { return e.connection().Spec.WorkspaceName }
func (e *remote) name() string      { return e.connection().AtlasName() }
func (e *remote) observes() bool    { return e.connection().Spec.ManagementPolicy == v1alpha1.Observe }

func (e *remote) list() *inventory.List[atlas.Connection] {
	return e.Inventory.Connections(e.Atlas(), e.project(), e.workspace())
}

// Resolve resolves the link and the Secrets that the spec refers to.
func (e *remote) Resolve(ctx context.Context, live bool) (*lifecycle.Resolved, error) {
	link, err := e.depend(ctx, live)
	if err != nil {
		return nil, err
	}
	link.used = cmp.Or(link.used, e.link.used)
	e.link = link
	var blocked *decision.Blocker
	var expires bool
	if !e.observes() {
		if e.values, blocked, err = e.refer(ctx, live || e.Forced || e.SpecChanged() || !e.connection().Status.Owned()); err != nil {
			return nil, err
		}
		if blocked == nil {
			expires, blocked = e.checkCertificates(e.values)
		}
	}
	e.resolved = &lifecycle.Resolved{
		Gate: link.gate, SecretGate: blocked, Dependencies: link.condition,
		ResendSecrets: e.values.loaded && (e.values.changed || e.Forced) && len(e.values.versions) > 0,
		Unwatched:     link.unwatched || expires || blocked != nil && !blocked.Watched,
		Fingerprint:   fmt.Sprint(link.linkID, e.values.versions),
		Secrets:       e.values.secrets(),
	}
	e.warn()
	return e.resolved, nil
}

func (e *remote) remoteObject(found atlas.Connection) decision.RemoteObject {
	e.seen = found
	anonymous := found.ID == ""
	found.ID = cmp.Or(found.ID, e.name())
	return decision.RemoteObject{
		ID: found.ID, State: found.State, States: states, Named: true, Anonymous: anonymous,
		Differences: connectionDifferences(e.connection(), e.link.linkID, e.values, found),
	}
}

func (e *remote) List(ctx context.Context, opts inventory.ReadOptions) (lifecycle.Listing, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if atlas.IsWorkspaceNotFound(err) {
		e.Inventory.Workspaces.Forget(e.Atlas(), e.project(), e.workspace())
	}
	if err != nil {
		return lifecycle.Listing{}, err
	}
	var ours *decision.RemoteObject
	seen := lifecycle.Listing{Begun: snapshot.Begun, ByID: func(string) *decision.RemoteObject { return ours }}
	if found, ok := snapshot.Get(e.name()); ok {
		switch v := e.remoteObject(found); {
		case e.connection().Status.Owned() && !ownsConnection(e.Object, v.ID):
			seen.NameConflict = &v
		case v.Class() == decision.StateDeleting:
			ours, seen.Deleting = &v, []decision.RemoteObject{v}
		default:
			ours, seen.Candidates = &v, []decision.RemoteObject{v}
		}
	}
	return seen, nil
}

// CachedList is the list of the workspace.
func (e *remote) CachedList() (list lifecycle.CachedList, key string) {
	return e.list(), e.name()
}

func (e *remote) Get(ctx context.Context, _ string) (decision.RemoteObject, error) {
	begun := e.Clock.Now()
	found, err := e.Atlas().GetConnection(ctx, e.project(), e.workspace(), e.name())
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(found, begun)
	return e.remoteObject(found), nil
}

func (e *remote) Watch(ctx context.Context, _ string, wake func()) func() {
	if e.seen.Name != e.name() {
		return nil
	}
	return e.list().Watch(ctx, e.name(), e.seen, wake)
}

func (e *remote) Create(ctx context.Context) (decision.RemoteObject, error) {
	request := connectionRequest(e.connection(), e.link.linkID, e.values)
	made, err := e.Atlas().CreateConnection(ctx, e.project(), e.workspace(), request)
	if err != nil {
		return decision.RemoteObject{}, err
	}
	made.Name = cmp.Or(made.Name, e.name())
	e.list().Put(made, e.Clock.Now())
	return e.remoteObject(made), nil
}

// Update sends the whole connection with all its secrets: what Atlas does about a secret that is left out is not known.
func (e *remote) Update(ctx context.Context, target decision.RemoteObject) error {
	// The link may be missing for the moment; what the connection runs over does not change.
	linkID := cmp.Or(e.link.linkID, e.connection().Status.PrivateLinkID)
	request := connectionRequest(e.connection(), linkID, e.values)
	var cleared []string
	for _, d := range target.Differences {
		if d.Clear != "" {
			cleared = append(cleared, d.Clear)
		}
	}
	_, err := e.Atlas().UpdateConnection(ctx, e.project(), e.workspace(), e.name(), request, cleared...)
	return err
}

// Delete deletes by name, so it looks first whose the name is now.
func (e *remote) Delete(ctx context.Context, _ string) error {
	found, err := e.Atlas().GetConnection(ctx, e.project(), e.workspace(), e.name())
	switch {
	case err == nil && !ownsConnection(e.Object, cmp.Or(found.ID, e.name())):
		return lifecycle.ErrNameConflict
	case err != nil && (!atlas.IsNotFound(err) || atlas.IsProjectNotFound(err)):
		return err
	}
	err = e.Atlas().DeleteConnection(ctx, e.project(), e.workspace(), e.name())
	if err == nil || atlas.IsNotFound(err) {
		e.list().Outdate(e.name(), e.Clock.Now())
	}
	return err
}

// Publish copies the connection that was seen.
func (e *remote) Publish(v *decision.RemoteObject) {
	status := &e.connection().Status
	if v == nil {
		*status = v1alpha1.StreamConnectionStatus{ManagedStatus: status.ManagedStatus}
		status.State = ""
		return
	}
	if !status.Owned() && !status.OpenClaim() || status.Owned() && status.ID == e.name() {
		status.ID = v.ID
	}
	status.State, status.Region = lifecycle.Bounded(e.seen.State), lifecycle.Bounded(e.seen.Region)
	if access := cmp.Or(e.seen.Networking, &atlas.Networking{}).Access; access.ConnectionID != "" || access.Type == string(v1alpha1.NetworkingPublic) {
		status.PrivateLinkID = access.ConnectionID
	}
}

// Sent notes the Secrets that were sent, and the link of a connection that was created.
func (e *remote) Sent(step lifecycle.SentStep) {
	connection := e.connection()
	if step == lifecycle.SentClaim || step == lifecycle.SentAdoption && connection.Spec.AdoptionSecrets != v1alpha1.AdoptionSecretsTrust {
		return
	}
	connection.Status.SecretVersions = e.values.versions
	if networking := networkingRequest(connection.Spec.Networking, e.link.linkID); step == lifecycle.SentCreate && networking != nil {
		connection.Status.PrivateLinkID = networking.Access.ConnectionID
	}
}
