package atlastest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

type connection struct {
	id, project, workspace string
	acts                   Acts
	name, typ              string
	fields                 map[string]any // as stored, including secrets
	past                   []pastFields
	states                 timeline
	createdAt              time.Time
	pendingUntil           time.Time // not READY earlier, regardless of its link
}

func (s *Server) newConnection(projectID string, w *workspace, fields map[string]any, now time.Time) *connection {
	c := &connection{
		id:        s.newID(),
		project:   projectID,
		workspace: w.name,
		name:      text(fields, "name"),
		typ:       text(fields, "type"),
		fields:    fields,
		createdAt: now,
	}
	fields["region"] = workspaceRegion(text(fields, "region"))
	if key := typeOf(c.typ).networkKey; key != "" && accessOf(fields, key) == nil {
		fields[key] = map[string]any{"access": map[string]any{"type": netPublic}}
	}
	w.connections = append(w.connections, c)
	w.byName[c.name] = c
	s.startConnection(c, now)
	return c
}

// answer returns the body of a GET.
func (c *connection) answer(now time.Time) map[string]any {
	fields := fieldsAt(c.past, c.fields, now)
	out := connectionSchema(c.typ, fields).public(cloneObject(fields))
	out["id"] = c.id
	out["state"] = c.states.at(now)
	return out
}

// linkID returns the private link that the connection uses, if any.
func (c *connection) linkID() string {
	return text(accessOf(c.fields, typeOf(c.typ).networkKey), "connectionId")
}

func (c *connection) network() string {
	return text(accessOf(c.fields, typeOf(c.typ).networkKey), "type")
}

func accessOf(fields map[string]any, networkKey string) map[string]any {
	return child(child(fields, networkKey), "access")
}

// awsRegions maps AWS region names to those of workspaces, which Atlas returns.
var awsRegions = map[string]string{
	"ap-southeast-2": "SYDNEY_AUS", "ap-south-1": "MUMBAI_IND", "eu-central-1": "FRANKFURT_DEU",
	"eu-west-1": "DUBLIN_IRL", "eu-west-2": "LONDON_GBR", "us-east-1": "VIRGINIA_USA",
	"us-east-2": "OHIO_USA", "us-west-2": "OREGON_USA", "sa-east-1": "SAOPAULO_BRA",
	"ca-central-1": "MONTREAL_CAN", "ap-northeast-1": "TOKYO_JPN", "ap-southeast-1": "SINGAPORE_SGP",
	"eu-west-3": "PARIS_FRA", "ap-northeast-2": "SEOUL_KOR",
}

func workspaceRegion(region string) string {
	if region == "" {
		return "VIRGINIA_USA"
	}
	if name, ok := awsRegions[canonicalRegion(region)]; ok {
		return name
	}
	return region
}

func listConnections(s *Server, c *call) (int, any, *apiError) {
	seen := c.listed(s)
	return page(c, shown(s, c, c.workspace.gone, c.workspace.connections, seen), func(conn *connection) any { return conn.answer(seen) })
}

func getConnection(s *Server, c *call) (int, any, *apiError) {
	conn := c.connection(s)
	if conn == nil {
		return 0, nil, c.connectionNotFound()
	}
	return http.StatusOK, conn.answer(c.got()), nil
}

func createConnection(s *Server, c *call) (int, any, *apiError) {
	fields, err := c.validConnection(c.object)
	if err != nil {
		return 0, nil, err
	}
	name := text(fields, "name")
	if old := c.workspace.byName[name]; old != nil && !old.states.gone(c.now) {
		return 0, nil, newError(http.StatusConflict, "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
			fmt.Sprintf("A Stream connection with the name %s already exists.", name), name)
	}
	conn := s.newConnection(c.projectID, c.workspace, fields, c.now)
	c.created(&conn.acts, &s.ledger.Connections)
	return http.StatusOK, conn.answer(c.now), nil
}

func deleteConnection(s *Server, c *call) (int, any, *apiError) {
	conn := c.findConnection()
	if conn == nil || c.hides(s, conn.id, conn.name) {
		return 0, nil, c.connectionNotFound()
	}
	if err := c.inUseByProcessors(); err != nil {
		return 0, nil, err
	}
	switch state := conn.states.at(c.now); {
	case isDeleting(state):
		return http.StatusAccepted, map[string]any{}, nil
	case state == StatePending && conn.typ == "Kafka" && !s.cfg.deletePendingAccepted:
		return 0, nil, newError(http.StatusConflict, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
			fmt.Sprintf("Stream Kafka connection %s is currently deploying. Please retry the request later.", conn.name), conn.name)
	}
	delete(s.waiting, conn)
	c.deleted(&conn.acts, &s.ledger.Connections)
	conn.states.plan(c.now, step{StateDeleting, s.cfg.durations.Deleting}, step{state: StateDeleted})
	s.track(conn, c.now)
	return http.StatusAccepted, map[string]any{}, nil
}

func (c *call) findConnection() *connection {
	conn := c.workspace.byName[c.target]
	if conn == nil || conn.states.gone(c.now) {
		return nil
	}
	return conn
}

func (c *call) connectionNotFound() *apiError {
	return connectionNotFound(c.projectID, c.workspaceName, c.target)
}

// inUseByProcessors returns Atlas's 403 for a connection in use, which is unrelated to permissions.
func (c *call) inUseByProcessors() *apiError {
	if c.workspace.processors[c.target] == 0 {
		return nil
	}
	return newError(http.StatusForbidden, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
		fmt.Sprintf("Stream connection with name %s in stream workspace %s has active processors, and cannot be changed.",
			c.target, c.workspaceName),
		c.target, c.workspaceName)
}

// removeConnection removes a connection immediately.
func (s *Server) removeConnection(w *workspace, c *connection, now time.Time) {
	delete(s.waiting, c)
	c.states.plan(now, step{state: StateDeleted})
	s.track(c, now)
	if w.byName[c.name] == c {
		delete(w.byName, c.name)
	}
}

// users returns the names of the existing connections, in any state, that use a link.
func (p *project) users(linkID string, now time.Time) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.workspaces)) {
		for _, c := range p.workspaces[name].connections {
			if c.linkID() == linkID && !c.states.gone(now) {
				names = append(names, name+"/"+c.name)
			}
		}
	}
	return names
}
