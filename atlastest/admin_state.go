package atlastest

type workspaceDump struct {
	Name        string       `json:"name"`
	Connections []Connection `json:"connections"`
}

type projectDump struct {
	ID           string                   `json:"id"`
	PrivateLinks []PrivateLink            `json:"privateLinks"`
	Workspaces   []workspaceDump          `json:"workspaces"`
	Services     []PrivateEndpointService `json:"privateEndpointServices"`
}

// dump returns the complete state without secrets.
func (s *Server) dump() map[string]any {
	ids := s.Projects()
	projects := make([]projectDump, 0, len(ids))
	for _, id := range ids {
		p := projectDump{
			ID:           id,
			PrivateLinks: orEmpty(s.PrivateLinks(id)),
			Workspaces:   []workspaceDump{},
			Services:     orEmpty(s.PrivateEndpointServices(id)),
		}
		for _, name := range s.Workspaces(id) {
			connections := orEmpty(s.Connections(id, name))
			for _, c := range connections {
				redactObject(c.Fields, false) // responses show headers in clear
			}
			p.Workspaces = append(p.Workspaces, workspaceDump{Name: name, Connections: connections})
		}
		projects = append(projects, p)
	}
	return map[string]any{"now": s.Now(), "projects": projects, "credentials": s.Credentials()}
}

// orEmpty converts nil to an empty list, for readers of the JSON.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (s *Server) connectionByID(id string) (Connection, bool) {
	for _, projectID := range s.Projects() {
		for _, name := range s.Workspaces(projectID) {
			for _, c := range s.Connections(projectID, name) {
				if c.ID == id {
					return c, true
				}
			}
		}
	}
	return Connection{}, false
}
