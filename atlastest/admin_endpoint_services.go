package atlastest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) adminPutService(r *http.Request) (any, error) {
	var body struct {
		ProjectID     string         `json:"projectId"`
		CloudProvider string         `json:"cloudProvider"`
		Fields        map[string]any `json:"fields"`
		Status        string         `json:"status"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	switch {
	case !objectID.MatchString(body.ProjectID):
		return nil, &adminError{http.StatusBadRequest, "projectId must be 24 hex digits"}
	case !slices.Contains(cloudProviders, strings.ToUpper(body.CloudProvider)):
		return nil, &adminError{http.StatusBadRequest, fmt.Sprintf("cloudProvider must be one of %v", cloudProviders)}
	case !s.cfg.autoCreate && !slices.Contains(s.Projects(), body.ProjectID):
		return nil, &adminError{http.StatusNotFound, fmt.Sprintf("there is no project %q", body.ProjectID)}
	}
	id := s.PutPrivateEndpointService(body.ProjectID, body.CloudProvider, body.Fields, body.Status)
	return s.adminService(id, r)
}

func (s *Server) adminServiceStatus(r *http.Request) (any, error) {
	var body struct {
		Status       string `json:"status"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	if body.Status == "" {
		return nil, &adminError{http.StatusBadRequest, "status is missing"}
	}
	id := r.PathValue("id")
	s.SetPrivateEndpointServiceStatus(id, body.Status, body.ErrorMessage)
	return s.adminService(id, r)
}

func (s *Server) adminService(id string, r *http.Request) (any, error) {
	service, ok := s.PrivateEndpointService(id)
	if !ok {
		return found(false, "private endpoint service", r)
	}
	return service, nil
}

func (s *Server) adminDeleteService(r *http.Request) (any, error) {
	return found(s.DeletePrivateEndpointServiceNow(r.PathValue("id")), "private endpoint service", r)
}
