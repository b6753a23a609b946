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
	reconciliation *reconciliation
	connection     *v1alpha1.StreamConnection
	// link is what the spec's privateLinkRef leads to.
	link dependency
	// linkID is the Atlas id of the link that the spec refers to; empty while unknown.
	linkID string
	values referred
	// seen is the connection of this reconciliation, so that what was compared is what gets published.
	seen atlas.Connection
}

func connectConnection(r *reconciliation) remote {
	return &connectionRemote{reconciliation: r, connection: r.object.(*v1alpha1.StreamConnection)}
}

func (e *connectionRemote) kind() string                { return "connection" }
func (e *connectionRemote) states() decision.StateTable { return decision.ConnectionStates }
func (e *connectionRemote) importID() string            { return "" }
func (e *connectionRemote) identity() string            { return connectionKey(e.connection) }
func (e *connectionRemote) objectKey(string) string {
	return "connection " + connectionKey(e.connection)
}
func (e *connectionRemote) project() string       { return e.connection.Spec.ProjectID }
func (e *connectionRemote) workspace() string     { return e.connection.Spec.WorkspaceName }
func (e *connectionRemote) name() string          { return e.connection.AtlasName() }
func (e *connectionRemote) client() *atlas.Client { return e.reconciliation.credentialsInUse.Client }
func (e *connectionRemote) inUseHint() string {
	return " Stop or drop the stream processors that use it."
}
func (e *connectionRemote) showUsers([]string) {}

func (e *connectionRemote) claimKey() string { return e.identity() }

// lockKey: Atlas mixes up writes that overlap in one workspace.
func (e *connectionRemote) lockKey() string {
	return "workspace " + e.project() + "/" + e.workspace()
}

// queueKey: connections are told apart by their names. Each credential has a queue of its own, so that one that waits
// for its rate limit keeps nobody else waiting.
func (e *connectionRemote) queueKey() string {
	return "next in " + e.lockKey() + " as " + e.client().CredentialKey()
}

func (e *connectionRemote) list() *inventory.List[atlas.Connection] {
	return e.reconciliation.inventory.Connections(e.client(), e.project(), e.workspace())
}

func (e *connectionRemote) prepare(ctx context.Context, live bool) (preparation, error) {
	link, err := e.depend(ctx, live)
	if err != nil {
		return preparation{}, err
	}
	e.link, e.linkID = link, link.linkID
	status := e.connection.Status
	var values referred
	var blocked *decision.Blocker
	var expires bool
	if e.connection.Spec.ManagementPolicy != v1alpha1.Observe {
		if values, blocked, err = e.refer(ctx, live || e.reconciliation.forced || !status.Owned()); err != nil {
			return preparation{}, err
		}
		if blocked == nil {
			expires, blocked = e.checkCertificates(values)
		}
	}
	e.values = values
	return preparation{
		gate: link.gate, secretGate: blocked, dependencies: link.condition,
		resendSecrets: values.loaded && (values.changed || e.reconciliation.forced) && len(values.versions) > 0,
		unwatched:     link.unwatched || expires || blocked != nil && !blocked.Watched,
		fingerprint:   fmt.Sprint(link.linkID, values.versions),
	}, nil
}

func (e *connectionRemote) remoteObject(found atlas.Connection) decision.RemoteObject {
	e.seen = found
	anonymous := found.ID == ""
	if anonymous {
		found.ID = e.name()
	}
	return decision.RemoteObject{
		ID: found.ID, State: found.State, States: decision.ConnectionStates, Named: true, Anonymous: anonymous,
		Differences: connectionDifferences(e.connection, e.linkID, e.values, found),
	}
}

func (e *connectionRemote) read(ctx context.Context, opts inventory.ReadOptions) (listing, error) {
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
	case e.connection.Status.Owned() && !e.isOwned(v.ID):
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

func (e *connectionRemote) waiting() int { return e.list().Waiting() }

// isOwned: where Atlas gave no id at first, the name stands for it.
func (e *connectionRemote) isOwned(id string) bool {
	known := e.connection.Status.ID
	return known == id || known == e.name() || id == e.name()
}

func (e *connectionRemote) getIsCheaper(opts inventory.ReadOptions) bool {
	return e.list().GetIsCheaper(e.name(), opts)
}

func (e *connectionRemote) get(ctx context.Context, _ string) (decision.RemoteObject, error) {
	found, err := e.client().GetConnection(ctx, e.project(), e.workspace(), e.name())
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(found, e.reconciliation.options.Clock.Now())
	return e.remoteObject(found), nil
}

func (e *connectionRemote) watch(ctx context.Context, _ string, wake func()) func() {
	if e.seen.Name != e.name() {
		return nil
	}
	return e.list().Watch(ctx, e.name(), e.seen, wake)
}

func (e *connectionRemote) create(ctx context.Context) (decision.RemoteObject, error) {
	request := connectionRequest(e.connection, e.linkID, e.values)
	made, err := e.client().CreateConnection(ctx, e.project(), e.workspace(), request)
	if err != nil {
		return decision.RemoteObject{}, err
	}
	if made.Name == "" {
		made.Name = e.name()
	}
	e.list().Put(made, e.reconciliation.options.Clock.Now())
	return e.remoteObject(made), nil
}

// update sends the whole connection with all its secrets: what Atlas does about a secret that is left out is not known.
func (e *connectionRemote) update(ctx context.Context, target decision.RemoteObject) error {
	// The link may be out of sight for the moment; what the connection runs over does not change.
	linkID := cmp.Or(e.linkID, e.connection.Status.PrivateLinkID)
	request := connectionRequest(e.connection, linkID, e.values)
	for _, d := range target.Differences {
		if d.Clear != "" {
			request.ClearFields = append(request.ClearFields, d.Clear)
		}
	}
	_, err := e.client().UpdateConnection(ctx, e.project(), e.workspace(), e.name(), request)
	return err
}

// delete deletes by name, so it looks first whose the name is now.
func (e *connectionRemote) delete(ctx context.Context, _ string) error {
	found, err := e.client().GetConnection(ctx, e.project(), e.workspace(), e.name())
	switch {
	case err == nil && !e.isOwned(cmp.Or(found.ID, e.name())):
		return errNameConflict
	case err != nil && (!atlas.IsNotFound(err) || atlas.IsProjectNotFound(err)):
		return err
	}
	err = e.client().DeleteConnection(ctx, e.project(), e.workspace(), e.name())
	if err == nil || atlas.IsNotFound(err) {
		e.list().Outdate(e.name(), e.reconciliation.options.Clock.Now())
	}
	return err
}

func (e *connectionRemote) publish(v decision.RemoteObject) {
	status := &e.connection.Status
	switch {
	case !status.Owned() && !status.OpenClaim(), status.Owned() && status.ID == e.name():
		status.ID = v.ID
	}
	status.State, status.Region = bounded(e.seen.State), bounded(e.seen.Region)
	if networking := e.seen.Networking; networking != nil && networking.Access.ConnectionID != "" {
		status.PrivateLinkID = networking.Access.ConnectionID
	}
}

func (e *connectionRemote) requested() {}

func (e *connectionRemote) sent(created bool) {
	e.connection.Status.SecretVersions = e.values.versions
	if networking := networkingRequest(e.connection.Spec.Networking, e.linkID); created && networking != nil {
		e.connection.Status.PrivateLinkID = networking.Access.ConnectionID
	}
}

func (e *connectionRemote) forget() {
	common := e.connection.Status.ManagedStatus
	common.State = ""
	e.connection.Status = v1alpha1.StreamConnectionStatus{ManagedStatus: common}
}

func (e *connectionRemote) users(context.Context) ([]string, error) { return nil, nil }

func (e *connectionRemote) setObject(object managed) {
	e.connection = object.(*v1alpha1.StreamConnection)
}

func (e *connectionRemote) carryStatus(newest managed) {
	newest.(*v1alpha1.StreamConnection).Status = e.connection.Status
}

func (e *connectionRemote) same(ctx context.Context) ([]managed, error) {
	var connections v1alpha1.StreamConnectionList
	if err := e.reconciliation.client.List(ctx, &connections, byIndex(indexIdentity, e.identity())); err != nil {
		return nil, fmt.Errorf("look for resources that mean the same: %w", err)
	}
	return pointers(connections.Items), nil
}

func (e *connectionRemote) owner(ctx context.Context, id string) (string, error) {
	same, err := e.same(ctx)
	return e.reconciliation.otherOwner(e.objectKey(id), same), err
}

// redact keeps values of Secrets out of messages, should Atlas repeat one in an error.
func (e *connectionRemote) redact(text string) string {
	return atlas.Redact(text, e.values.secrets()...)
}
