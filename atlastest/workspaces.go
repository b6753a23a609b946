package atlastest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"
)

var (
	workspaceName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	tiers         = []string{"SP2", "SP5", "SP10", "SP30", "SP50"}
)

var (
	regionMembers = schema{"cloudProvider": {enum: []string{"AWS", "AZURE", "GCP", "TENANT", "SERVERLESS"}}, "region": {}}
	streamConfig  = object(schema{"tier": {enum: tiers}, "maxTierSize": {enum: tiers}})
	newWorkspace  = schema{
		"name":              {pattern: workspaceName},
		"dataProcessRegion": object(regionMembers),
		"streamConfig":      streamConfig,
		"failoverRegions":   {kind: kindAny},
		"sampleConnections": {kind: kindAny},
		"_id":               {readOnly: true},
		"groupId":           {readOnly: true},
		"hostnames":         {kind: kindAny, readOnly: true},
		"connections":       {kind: kindAny, readOnly: true},
		"links":             {kind: kindAny, readOnly: true},
	}
	changedWorkspace = schema{
		"cloudProvider":   regionMembers["cloudProvider"],
		"region":          {},
		"streamConfig":    streamConfig,
		"failoverRegions": {kind: kindAny},
		"processorStatus": {kind: kindAny}, // an action on processors, which the simulator does not have
	}
)

// defaultWorkspaceFields are the fields of a workspace that was created without a request.
func defaultWorkspaceFields() map[string]any {
	return map[string]any{
		"dataProcessRegion": map[string]any{"cloudProvider": "AWS", "region": workspaceRegion("")},
		"streamConfig":      map[string]any{"tier": "SP30"},
		"failoverRegions":   []any{},
	}
}

func (w *workspace) answer(projectID string) map[string]any {
	out := cloneObject(w.fields)
	out["_id"], out["groupId"], out["name"] = w.id, projectID, w.name
	out["hostnames"] = []any{"atlas-stream-" + w.id + ".virginia-usa.a.query.mongodb.net"}
	return out
}

// leave ignores before, because no lagging list contains workspaces.
func (w *workspace) leave(s *Server, _ time.Time) bool {
	if s.now().Before(w.ends) {
		return false
	}
	if p := s.projects[w.project]; p != nil && p.workspaces[w.name] == w {
		delete(p.workspaces, w.name)
	}
	return true
}

func listWorkspaces(_ *Server, c *call) (int, any, *apiError) {
	all := slices.SortedFunc(maps.Values(c.project.workspaces), func(a, b *workspace) int { return cmp.Compare(a.id, b.id) })
	return page(c, all, func(w *workspace) any { return w.answer(c.projectID) })
}

func getWorkspace(s *Server, c *call) (int, any, *apiError) {
	body := c.workspace.answer(c.projectID)
	if c.query.Get("includeConnections") == "true" {
		found := shown(s, c, c.workspace.gone, c.workspace.connections, c.got())
		connections := make([]any, 0, len(found))
		for _, conn := range found {
			connections = append(connections, conn.answer(c.got()))
		}
		body["connections"] = connections
	}
	return http.StatusOK, body, nil
}

func createWorkspace(s *Server, c *call) (int, any, *apiError) {
	name := text(c.object, "name")
	bad := newWorkspace.check("", c.object)
	bad = append(bad, missing(c.object, []string{"name", "dataProcessRegion.cloudProvider", "dataProcessRegion.region"})...)
	if slices.Contains(staticResources, name) {
		bad = append(bad, FieldError{"name", "is reserved"})
	}
	fields := newWorkspace.merge(nil, newWorkspace.withoutReadOnly(c.object))
	regions, wrong := failoverRegions(fields)
	if bad = append(bad, wrong...); len(bad) > 0 {
		return 0, nil, invalid(bad...)
	}
	if c.project.workspaces[name] != nil {
		return 0, nil, newError(http.StatusConflict, "STREAM_TENANT_NAME_ALREADY_EXISTS",
			fmt.Sprintf("A stream workspace with the name %s already exists.", name), name)
	}
	w := s.ensureWorkspace(c.project, name)
	w.fields = map[string]any{
		"dataProcessRegion": fields["dataProcessRegion"], "failoverRegions": regions,
		"streamConfig": streamConfig.members.merge(map[string]any{"tier": "SP10"}, child(fields, "streamConfig")),
	}
	c.created(&w.acts, &s.ledger.Workspaces)
	if child(fields, "sampleConnections")["solar"] == true {
		s.newConnection(c.projectID, w, map[string]any{"name": "sample_stream_solar", "type": "Sample"}, c.now)
	}
	return http.StatusOK, w.answer(c.projectID), nil
}

// failoverRegions returns the regions of a body, never nil, and their errors.
func failoverRegions(fields map[string]any) ([]any, []FieldError) {
	list, isList := fields["failoverRegions"].([]any)
	if has(fields, "failoverRegions") && !isList || len(list) > 2 {
		return nil, []FieldError{{"failoverRegions", "must be a list of at most 2 regions"}}
	}
	for _, item := range list {
		region, ok := item.(map[string]any)
		if !ok || len(regionMembers.check("", region)) > 0 || len(missing(region, []string{"cloudProvider", "region"})) > 0 {
			return nil, []FieldError{{"failoverRegions", "must have items with cloudProvider and region"}}
		}
	}
	return append([]any{}, list...), nil
}

func updateWorkspace(s *Server, c *call) (int, any, *apiError) {
	w, patch := c.workspace, c.object
	bad := changedWorkspace.check("", patch)
	regions, wrong := failoverRegions(patch)
	bad = append(bad, wrong...)
	if has(patch, "cloudProvider") != has(patch, "region") {
		bad = append(bad, FieldError{"region", "and cloudProvider go together"})
	}
	switch old, _ := w.fields["failoverRegions"].([]any); {
	case len(bad) > 0:
		return 0, nil, invalid(bad...)
	case !w.ends.IsZero():
		return 0, nil, refused("The stream workspace %s is being deleted.", w.name)
	case len(regions) > 0 && has(patch, "region"):
		return 0, nil, refused("The region and the failover regions cannot be changed together.")
	case len(regions) > 0 && len(old) > 0:
		return 0, nil, refused("The failover regions cannot be changed once they are set.")
	}
	if has(patch, "region") {
		w.fields["dataProcessRegion"] = map[string]any{"cloudProvider": patch["cloudProvider"], "region": patch["region"]}
	}
	if len(regions) > 0 {
		w.fields["failoverRegions"] = regions
	}
	w.fields["streamConfig"] = streamConfig.members.merge(child(w.fields, "streamConfig"), child(patch, "streamConfig"))
	c.changed(&w.acts, &s.ledger.Workspaces)
	return http.StatusOK, w.answer(c.projectID), nil
}

// deleteWorkspace also deletes the connections.
func deleteWorkspace(s *Server, c *call) (int, any, *apiError) {
	w := c.workspace
	for _, n := range w.processors {
		if n > 0 {
			return 0, nil, newError(http.StatusBadRequest, "STREAM_TENANT_HAS_STREAM_PROCESSORS",
				fmt.Sprintf("The stream workspace %s has active processors, and cannot be deleted.", w.name), w.name)
		}
	}
	if !w.ends.IsZero() {
		return http.StatusAccepted, map[string]any{}, nil
	}
	w.ends = c.now.Add(s.cfg.durations.Deleting)
	for _, conn := range w.connections {
		delete(s.waiting, conn)
		if !isDeleting(conn.states.at(c.now)) {
			conn.states.plan(c.now, step{StateDeleting, s.cfg.durations.Deleting}, step{state: StateDeleted})
		}
	}
	c.deleted(&w.acts, &s.ledger.Workspaces)
	s.track(w, c.now)
	return http.StatusAccepted, map[string]any{}, nil
}
