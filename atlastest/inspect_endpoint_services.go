package atlastest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PrivateEndpointService is a snapshot of a private endpoint service, which a cluster's private endpoints connect to.
type PrivateEndpointService struct {
	ID        string `json:"id"`
	ProjectID string `json:"projectId"`
	// Provider is AWS, AZURE or GCP.
	Provider string `json:"cloudProvider"`
	Status   string `json:"status"`
	// ErrorMessage is the current message of a GET.
	ErrorMessage string `json:"errorMessage,omitempty"`
	// Fields is the object as returned by a GET.
	Fields    map[string]any `json:"fields"`
	CreatedAt time.Time      `json:"createdAt"`
	// History holds all statuses so far, oldest first.
	History []StateChange `json:"history"`
}

// String returns a string field of the object, else "".
func (p PrivateEndpointService) String(field string) string { return text(p.Fields, field) }

// PutPrivateEndpointService creates a private endpoint service. It is the only way to create one. The provider is AWS,
// AZURE or GCP in any case; others panic. Fields have wire names and are not validated; missing ones are generated.
// With an empty status the service passes from INITIATING to AVAILABLE, any other status is permanent. It returns the
// new ID.
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

// SetPrivateEndpointServiceStatus sets the status of a service, known to Atlas or not, until it is set again. An empty
// one restarts with INITIATING. GETs show the error message. It reports whether the service exists.
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

// DeletePrivateEndpointServiceNow removes a service immediately. It reports whether the service existed.
func (s *Server) DeletePrivateEndpointServiceNow(id string) bool {
	return s.withService(id, func(e *endpointService, now time.Time) {
		e.states.plan(now, step{state: StateDeleted})
		s.track(e, now)
	})
}

// PrivateEndpointServices returns a project's services of all providers in order of creation.
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

// PrivateEndpointService returns the service with an ID and whether it exists.
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

// withService searches all projects. IDs are unique.
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
