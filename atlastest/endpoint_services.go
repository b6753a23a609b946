package atlastest

import (
	"fmt"
	"net/http"
	"slices"
)

// listPrivateEndpointServices returns a bare list without pages.
func listPrivateEndpointServices(s *Server, c *call) (int, any, *apiError) {
	if err := c.checkServicesPath(); err != nil {
		return 0, nil, err
	}
	seen := c.listed(s)
	services := []any{}
	for _, e := range c.project.services {
		if e.provider == c.provider && !e.states.gone(seen) && !c.hides(s, e.id, e.id) {
			services = append(services, e.answer(seen))
		}
	}
	c.view.last = true
	return http.StatusOK, services, nil
}

func getPrivateEndpointService(s *Server, c *call) (int, any, *apiError) {
	if err := c.checkServicesPath(); err != nil {
		return 0, nil, err
	}
	if !objectID.MatchString(c.target) {
		return 0, nil, c.malformedPath()
	}
	for _, e := range c.project.services {
		visible := !e.states.gone(c.got()) && !c.now.Before(e.createdAt.Add(s.cfg.consistency.GetLag))
		if e.id == c.target && e.provider == c.provider && visible && !c.hides(s, e.id, e.id) {
			return http.StatusOK, e.answer(c.got()), nil
		}
	}
	return 0, nil, serviceNotFound(c.projectID, c.target)
}

// checkServicesPath checks that the project has these endpoints and that the provider exists in Atlas's spelling.
func (c *call) checkServicesPath() *apiError {
	path := c.request.URL.EscapedPath()
	switch {
	case c.project.servicesRetired == http.StatusGone:
		return newError(http.StatusGone, "VERSION_GONE", "This version of the resource is gone.", path)
	case c.project.servicesRetired != 0:
		return newError(http.StatusNotFound, "RESOURCE_NOT_FOUND", "Cannot find resource "+path+".", path)
	case !slices.Contains(cloudProviders, c.provider):
		return c.malformedPath()
	}
	return nil
}

// listPrivateEndpointsV1 is the deprecated list: AWS only, a bare list with pages. includeCount has no effect.
func listPrivateEndpointsV1(s *Server, c *call) (int, any, *apiError) {
	seen := c.listed(s)
	var services []any
	for _, e := range c.project.services {
		if e.provider == "AWS" && !e.states.gone(seen) && !c.hides(s, e.id, e.id) {
			services = append(services, e.answerV1(seen))
		}
	}
	items, err := pageOf(c, services)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, items, nil
}

// RetirePrivateEndpointServices makes requests for a project's private endpoint services fail with 404
// RESOURCE_NOT_FOUND or 410 VERSION_GONE, as if Atlas had removed the call, so that a client must fall back to the
// deprecated v1.0 list. Status 0 restores them; any other one panics.
func (s *Server) RetirePrivateEndpointServices(projectID string, status int) {
	if !slices.Contains([]int{0, http.StatusNotFound, http.StatusGone}, status) {
		panic(fmt.Sprintf("atlastest: status %d: must be 0, 404 or 410", status))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureProject(projectID).servicesRetired = status
}
