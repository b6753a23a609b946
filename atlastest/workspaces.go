package atlastest

import "net/http"

func getWorkspace(_ *Server, c *call) (int, any, *apiError) {
	body := map[string]any{
		"_id":     c.workspace.id,
		"groupId": c.projectID,
		"name":    c.workspace.name,
		"hostnames": []any{
			"atlas-stream-" + c.workspace.id + ".virginia-usa.a.query.mongodb.net",
		},
		"dataProcessRegion": map[string]any{"cloudProvider": "AWS", "region": workspaceRegion("")},
		"streamConfig":      map[string]any{"tier": "SP30"},
	}
	if c.query.Get("includeConnections") == "true" {
		connections := []any{}
		for _, conn := range c.workspace.connections {
			if !conn.states.gone(c.now) {
				connections = append(connections, conn.answer(c.now))
			}
		}
		body["connections"] = connections
	}
	return http.StatusOK, body, nil
}
