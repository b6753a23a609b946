package atlastest

import "net/http"

func getWorkspace(s *Server, c *call) (int, any, *apiError) {
	body := map[string]any{
		"_id":     c.workspace.id,
		"groupId": c.projectID,
		"name":    c.workspace.name,
		"hostnames": []any{
			"atlas-stream-" + c.workspace.id + ".virginia-usa.a.query.mongodb.net",
		},
		"dataProcessRegion": map[string]any{"cloudProvider": "AWS", "region": workspaceRegion("")},
		"streamConfig":      map[string]any{"tier": "SP30"},
		"failoverRegions":   []any{},
	}
	if c.query.Get("includeConnections") == "true" {
		connections := []any{}
		for _, conn := range c.connections(s, c.got()) {
			connections = append(connections, conn.answer(c.got()))
		}
		body["connections"] = connections
	}
	return http.StatusOK, body, nil
}
