package atlastest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PrivateEndpointService is a snapshot of a private endpoint service, the one
// that a cluster's own endpoints connect to.
type PrivateEndpointService struct {
	ID        string `json:"id"`
	ProjectID string `json:"projectId"`
	// Provider is AWS, AZURE or GCP.
	Provider string `json:"cloudProvider"`
	Status   string `json:"status"`
	// ErrorMessage is what a GET shows now.
	ErrorMessage string `json:"errorMessage,omitempty"`
	// Fields is the object as a GET answers it.
	Fields    map[string]any `json:"fields"`
	CreatedAt time.Time      `json:"createdAt"`
	// History holds every status so far, oldest first.
	History []StateChange `json:"history"`
}

// String returns a field of the object that is a string, else "".
func (p PrivateEndpointService) String(field string) string { return text(p.Fields, field) }

// PutPrivateEndpointService makes a private endpoint service of AWS, AZURE or GCP
// (in any case, others panic), which has no other way to come into being here.
// Fields have their names on the wire and are not validated; what a GET shows
// beyond them is made up. An empty status lets it live through INITIATING to
// AVAILABLE, any other one stays. It returns the new id.
func (s *Server) PutPrivateEndpointService(projectID, provider string, fields map[string]any, status string) string {
	if !slices.Contains(cloudProviders, strings.ToUpper(provider)) {
		panic(fmt.Sprintf("atlastest: provider %q: must be one of %v", provider, cloudProviders))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	e := s.newService(s.ensureProject(projectID), provider, cloneObject(fields), now)
	if status != "" {
		e.states = nil
		e.states.plan(now, step{state: status})
	}
	return e.id
}

// SetPrivateEndpointServiceStatus puts a service into a status, known to Atlas or
// not, where it stays until it is set again; an empty one begins with INITIATING
// anew. The error message is what a GET shows from now on. It reports whether the
// service exists.
func (s *Server) SetPrivateEndpointServiceStatus(id, status, errorMessage string) bool {
	return s.withService(id, func(e *endpointService, now time.Time) {
		e.errorMessage = errorMessage
		if status == "" {
			e.begin(s.cfg.durations, now)
			return
		}
		e.states.plan(now, step{state: status})
	})
}

// DeletePrivateEndpointServiceNow makes a service vanish at once. It reports
// whether it existed.
func (s *Server) DeletePrivateEndpointServiceNow(id string) bool {
	return s.withService(id, func(e *endpointService, now time.Time) {
		e.states.plan(now, step{state: StateDeleted})
		s.track(e, now)
	})
}

// PrivateEndpointServices returns the services that exist in a project, of all
// providers, in order of creation.
func (s *Server) PrivateEndpointServices(projectID string) []PrivateEndpointService {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	p := s.projects[projectID]
	if p == nil {
		return nil
	}
	var out []PrivateEndpointService
	for _, e := range p.services {
		if !e.states.gone(now) {
			out = append(out, e.snapshot(now))
		}
	}
	return out
}

// PrivateEndpointService returns the service with an id, and whether it exists.
func (s *Server) PrivateEndpointService(id string) (PrivateEndpointService, bool) {
	var out PrivateEndpointService
	found := s.withService(id, func(e *endpointService, now time.Time) { out = e.snapshot(now) })
	return out, found
}

func (e *endpointService) snapshot(now time.Time) PrivateEndpointService {
	return PrivateEndpointService{
		ID:           e.id,
		ProjectID:    e.project,
		Provider:     e.provider,
		Status:       e.states.at(now),
		ErrorMessage: e.errorMessage,
		Fields:       e.answer(now),
		CreatedAt:    e.createdAt,
		History:      slices.Clone(e.states.until(now)),
	}
}

// withService looks in all projects: ids are unique.
func (s *Server) withService(id string, do func(e *endpointService, now time.Time)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.settle(now)
	for _, p := range s.projects {
		for _, e := range p.services {
			if e.id == id && !e.states.gone(now) {
				do(e, now)
				return true
			}
		}
	}
	return false
}
