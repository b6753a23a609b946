package controller

import (
	"cmp"
	"context"
	"fmt"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// connectionRemote is the side of one StreamConnection towards Atlas.
type connectionRemote struct {
	*Session
	certificates *certificateMemory
	// resolved is what the spec refers to.
	resolved *resolved
	// link is what the spec's privateLinkRef leads to.
	link dependency
	// linkID is the Atlas id of the link that the spec refers to; empty while unknown.
	linkID string
	values referred
	// seen is the connection of this reconciliation, so that what was compared is what gets published.
	seen atlas.Connection
}

func (e *connectionRemote) connection() *v1alpha1.StreamConnection {
	return e.Object.(*v1alpha1.StreamConnection)
}
func (e *connectionRemote) project() string   { return e.connection().Spec.ProjectID }
func (e *connectionRemote) workspace() string { return e.connection().Spec.WorkspaceName }
func (e *connectionRemote) name() string      { return e.connection().AtlasName() }

func (e *connectionRemote) list() *inventory.List[atlas.Connection] {
	return e.Inventory.Connections(e.Atlas(), e.project(), e.workspace())
}

// Resolve resolves the link and the Secrets that the spec refers to.
func (e *connectionRemote) Resolve(ctx context.Context, live bool) (*resolved, error) {
	link, err := e.depend(ctx, live)
	if err != nil {
		return nil, err
	}
	e.link, e.linkID = link, link.linkID
	status := e.connection().Status
	var values referred
	var blocked *decision.Blocker
	var expires bool
	if e.connection().Spec.ManagementPolicy != v1alpha1.Observe {
		if values, blocked, err = e.refer(ctx, live || e.Forced || !status.Owned()); err != nil {
			return nil, err
		}
		if blocked == nil {
			expires, blocked = e.checkCertificates(values)
		}
	}
	e.values = values
	e.resolved = &resolved{
		gate: link.gate, secretGate: blocked, dependencies: link.condition,
		resendSecrets: values.loaded && (values.changed || e.Forced) && len(values.versions) > 0,
		unwatched:     link.unwatched || expires || blocked != nil && !blocked.Watched,
		fingerprint:   fmt.Sprint(link.linkID, values.versions),
		secrets:       values.secrets(),
	}
	e.warn()
	return e.resolved, nil
}

func (e *connectionRemote) remoteObject(found atlas.Connection) decision.RemoteObject {
	e.seen = found
	anonymous := found.ID == ""
	if anonymous {
		found.ID = e.name()
	}
	return decision.RemoteObject{
		ID: found.ID, State: found.State, States: decision.ConnectionStates, Named: true, Anonymous: anonymous,
		Differences: connectionDifferences(e.connection(), e.linkID, e.values, found),
	}
}

func (e *connectionRemote) List(ctx context.Context, opts inventory.ReadOptions) (listing, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if err != nil {
		return listing{}, err
	}
	seen := listing{begun: snapshot.Begun, byID: func(string) *decision.RemoteObject { return nil }}
	found, ok := snapshot.Get(e.name())
	if !ok {
		return seen, nil
	}
	v := e.remoteObject(found)
	switch {
	case e.connection().Status.Owned() && !ownsConnection(e.Object, v.ID):
		seen.nameConflict = &v
	case v.Class() == decision.StateDeleting:
		seen.deleting = []decision.RemoteObject{v}
	default:
		seen.candidates = []decision.RemoteObject{v}
	}
	if seen.nameConflict == nil {
		seen.byID = func(string) *decision.RemoteObject { return &v }
	}
	return seen, nil
}

// CachedList is the list of the workspace.
func (e *connectionRemote) CachedList() (list cachedList, key string) { return e.list(), e.name() }

func (e *connectionRemote) Get(ctx context.Context, _ string) (decision.RemoteObject, error) {
	found, err := e.Atlas().GetConnection(ctx, e.project(), e.workspace(), e.name())
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(found, e.Clock.Now())
	return e.remoteObject(found), nil
}

func (e *connectionRemote) Watch(ctx context.Context, _ string, wake func()) func() {
	if e.seen.Name != e.name() {
		return nil
	}
	return e.list().Watch(ctx, e.name(), e.seen, wake)
}

func (e *connectionRemote) Create(ctx context.Context) (decision.RemoteObject, error) {
	request := connectionRequest(e.connection(), e.linkID, e.values)
	made, err := e.Atlas().CreateConnection(ctx, e.project(), e.workspace(), request)
	if err != nil {
		return decision.RemoteObject{}, err
	}
	if made.Name == "" {
		made.Name = e.name()
	}
	e.list().Put(made, e.Clock.Now())
	return e.remoteObject(made), nil
}

// Update sends the whole connection with all its secrets: what Atlas does about a secret that is left out is not known.
func (e *connectionRemote) Update(ctx context.Context, target decision.RemoteObject) error {
	// The link may be out of sight for the moment; what the connection runs over does not change.
	linkID := cmp.Or(e.linkID, e.connection().Status.PrivateLinkID)
	request := connectionRequest(e.connection(), linkID, e.values)
	for _, d := range target.Differences {
		if d.Clear != "" {
			request.ClearFields = append(request.ClearFields, d.Clear)
		}
	}
	_, err := e.Atlas().UpdateConnection(ctx, e.project(), e.workspace(), e.name(), request)
	return err
}

// Delete deletes by name, so it looks first whose the name is now.
func (e *connectionRemote) Delete(ctx context.Context, _ string) error {
	found, err := e.Atlas().GetConnection(ctx, e.project(), e.workspace(), e.name())
	switch {
	case err == nil && !ownsConnection(e.Object, cmp.Or(found.ID, e.name())):
		return errNameConflict
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
func (e *connectionRemote) Publish(v *decision.RemoteObject) {
	if v == nil {
		e.forget()
		return
	}
	status := &e.connection().Status
	switch {
	case !status.Owned() && !status.OpenClaim(), status.Owned() && status.ID == e.name():
		status.ID = v.ID
	}
	status.State, status.Region = bounded(e.seen.State), bounded(e.seen.Region)
	if networking := e.seen.Networking; networking != nil && networking.Access.ConnectionID != "" {
		status.PrivateLinkID = networking.Access.ConnectionID
	}
}

// Sent notes the Secrets that were sent, and the link of a connection that was created.
func (e *connectionRemote) Sent(step sentStep) {
	connection := e.connection()
	if step == sentClaim || step == sentAdoption && connection.Spec.AdoptionSecrets != v1alpha1.AdoptionSecretsTrust {
		return
	}
	connection.Status.SecretVersions = e.values.versions
	if networking := networkingRequest(connection.Spec.Networking, e.linkID); step == sentCreate && networking != nil {
		connection.Status.PrivateLinkID = networking.Access.ConnectionID
	}
}

func (e *connectionRemote) forget() {
	status := &e.connection().Status
	common := status.ManagedStatus
	common.State = ""
	*status = v1alpha1.StreamConnectionStatus{ManagedStatus: common}
}
