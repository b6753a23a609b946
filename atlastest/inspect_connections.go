package atlastest

import (
	"maps"
	"slices"
	"time"
)

// Connection is a snapshot of a connection in a workspace's registry.
type Connection struct {
	ID        string `json:"id"`
	ProjectID string `json:"projectId"`
	Workspace string `json:"workspace"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	State     string `json:"state"`
	// PrivateLinkID is the connectionId of its networking.
	PrivateLinkID string `json:"privateLinkId,omitempty"`
	// Fields is the object as returned by a GET, without secrets and links.
	Fields    map[string]any `json:"fields"`
	CreatedAt time.Time      `json:"createdAt"`
	Acts
	// History holds all states so far, oldest first.
	History []StateChange `json:"history"`
}

// Connections returns a workspace's existing connections in order of creation, including those being deleted.
func (s *Server) Connections(projectID, workspaceName string) []Connection {
	return s.snapshotConnections(projectID, workspaceName, false)
}

// AllConnections returns the last 10,000 connections that have existed in a workspace, including deleted ones
// (StateDeleted).
func (s *Server) AllConnections(projectID, workspaceName string) []Connection {
	return s.snapshotConnections(projectID, workspaceName, true)
}

func (s *Server) snapshotConnections(projectID, workspaceName string, withGone bool) []Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	w := s.findWorkspace(projectID, workspaceName)
	if w == nil {
		return nil
	}
	connections := w.connections
	if withGone {
		connections = slices.Concat(w.gone, w.connections)
	}
	var out []Connection
	for _, c := range connections {
		if withGone || !c.states.gone(now) {
			out = append(out, c.snapshot(now))
		}
	}
	return out
}

// Connection returns a connection by name, and whether it exists.
func (s *Server) Connection(projectID, workspaceName, name string) (Connection, bool) {
	var out Connection
	found := s.withConnection(projectID, workspaceName, name, func(c *connection, now time.Time) {
		out = c.snapshot(now)
	})
	return out, found
}

// Secrets returns the secret values that Atlas stores for a connection, by their path, e.g. "authentication.password"
// or "headers.Authorization".
func (s *Server) Secrets(projectID, workspaceName, name string) map[string]string {
	secrets := map[string]string{}
	s.withConnection(projectID, workspaceName, name, func(c *connection, _ time.Time) {
		collectSecrets(secrets, "", connectionSchema(c.typ, c.fields), c.fields)
	})
	return secrets
}

// SetConnectionState sets the state of a connection until it is deleted or set again. It reports whether the
// connection exists.
func (s *Server) SetConnectionState(projectID, workspaceName, name, state string) bool {
	return s.withConnection(projectID, workspaceName, name, func(c *connection, now time.Time) {
		delete(s.waiting, c)
		c.states.plan(now, step{state: state})
		s.track(c, now)
	})
}

// PutConnection creates a READY connection without a request, as another client would. It replaces one of the same
// name under a new ID. Fields have wire names, include secrets and are not validated; name and type are required. It
// returns the new ID.
func (s *Server) PutConnection(projectID, workspaceName string, fields map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	w := s.ensureWorkspace(s.ensureProject(projectID), workspaceName)
	fields = cloneObject(fields)
	if old := w.byName[text(fields, "name")]; old != nil {
		s.removeConnection(w, old, now)
	}
	c := s.newConnection(projectID, w, fields, now)
	delete(s.waiting, c)
	c.states = timeline{{State: StateReady, At: now}}
	return c.id
}

// EditConnection changes a connection's stored fields, by their wire names, without a request. It reports whether the
// connection exists.
func (s *Server) EditConnection(projectID, workspaceName, name string, edit func(fields map[string]any)) bool {
	return s.withConnection(projectID, workspaceName, name, func(c *connection, now time.Time) {
		c.past = remember(c.past, c.fields, now)
		edit(c.fields)
		c.fields = cloneObject(c.fields)
	})
}

// DeleteConnectionNow removes a connection immediately, even if it is in use. It reports whether the connection
// existed.
func (s *Server) DeleteConnectionNow(projectID, workspaceName, name string) bool {
	return s.withConnection(projectID, workspaceName, name, func(c *connection, now time.Time) {
		s.removeConnection(s.findWorkspace(projectID, workspaceName), c, now)
	})
}

// AddProcessor makes a stream processor use a connection. Changing or deleting it then fails with 403
// STREAM_CONNECTION_HAS_STREAM_PROCESSORS.
func (s *Server) AddProcessor(projectID, workspaceName, connectionName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureWorkspace(s.ensureProject(projectID), workspaceName).processors[connectionName]++
}

// RemoveProcessor removes one processor from a connection.
func (s *Server) RemoveProcessor(projectID, workspaceName, connectionName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.findWorkspace(projectID, workspaceName)
	if w != nil && w.processors[connectionName] > 0 {
		w.processors[connectionName]--
	}
}

func (s *Server) findWorkspace(projectID, name string) *workspace {
	p := s.projects[projectID]
	if p == nil {
		return nil
	}
	return p.workspaces[name]
}

func (s *Server) withConnection(projectID, workspaceName, name string, do func(*connection, time.Time)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	w := s.findWorkspace(projectID, workspaceName)
	if w == nil {
		return false
	}
	c := w.byName[name]
	if c == nil || c.states.gone(now) {
		return false
	}
	do(c, now)
	return true
}

func (c *connection) snapshot(now time.Time) Connection {
	return Connection{
		ID:            c.id,
		ProjectID:     c.project,
		Workspace:     c.workspace,
		Name:          c.name,
		Type:          c.typ,
		State:         c.states.at(now),
		PrivateLinkID: c.linkID(),
		Fields:        c.answer(now),
		CreatedAt:     c.createdAt,
		Acts:          c.acts.clone(),
		History:       slices.Clone(c.states.until(now)),
	}
}

func (l *privateLink) snapshot(now time.Time) PrivateLink {
	fields := l.answer(now)
	return PrivateLink{
		ID:           l.id,
		ProjectID:    l.project,
		State:        l.states.at(now),
		ErrorMessage: text(fields, "errorMessage"),
		Fields:       fields,
		Sent:         maps.Clone(l.sent),
		CreatedAt:    l.createdAt,
		Acts:         l.acts.clone(),
		History:      slices.Clone(l.states.until(now)),
	}
}
