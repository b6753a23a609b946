package atlastest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

const organizationID = "65f1c0de00000000000000f0"

func (p *project) answer() map[string]any {
	return map[string]any{
		"id":           p.id,
		"name":         "project-" + p.id,
		"orgId":        organizationID,
		"clusterCount": 0,
		"created":      p.createdAt.UTC().Format(time.RFC3339),
		"links":        []any{},
	}
}

// listProjects returns the projects that the credential can access.
func listProjects(s *Server, c *call) (int, any, *apiError) {
	var all []*project
	for _, id := range slices.Sorted(maps.Keys(s.projects)) {
		if len(c.account.projects) == 0 || slices.Contains(c.account.projects, id) {
			all = append(all, s.projects[id])
		}
	}
	return page(c, all, func(p *project) any { return p.answer() })
}

func getProject(_ *Server, c *call) (int, any, *apiError) {
	return http.StatusOK, c.project.answer(), nil
}
