package atlastest

import (
	"slices"
	"time"
)

// PrivateLink is a snapshot of a streams private link connection.
type PrivateLink struct {
	ID        string `json:"id"`
	ProjectID string `json:"projectId"`
	State     string `json:"state"`
	// ErrorMessage is the current message of a GET.
	ErrorMessage string `json:"errorMessage,omitempty"`
	// Fields is the object as returned by a GET, without links.
	Fields map[string]any `json:"fields"`
	// Sent is the body of the POST that created it; nil for [Server.PutPrivateLink].
	Sent      map[string]any `json:"-"`
	CreatedAt time.Time      `json:"createdAt"`
	Acts
	// History holds all states so far, oldest first.
	History []StateChange `json:"history"`
}

// String returns a string field of the object, else "".
func (l PrivateLink) String(field string) string {
	value, _ := l.Fields[field].(string)
	return value
}

// PrivateLinks returns a project's existing links in order of creation, including those being deleted.
func (s *Server) PrivateLinks(projectID string) []PrivateLink {
	return s.snapshotLinks(projectID, false)
}

// AllPrivateLinks returns every link that has ever existed in a project, including deleted ones (StateDeleted).
func (s *Server) AllPrivateLinks(projectID string) []PrivateLink {
	return s.snapshotLinks(projectID, true)
}

func (s *Server) snapshotLinks(projectID string, withGone bool) []PrivateLink {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[projectID]
	if p == nil {
		return nil
	}
	now := s.now()
	s.settle(now)
	links := slices.Clone(p.links)
	if withGone {
		links = slices.Concat(p.goneLinks, p.links)
	}
	var out []PrivateLink
	for _, l := range links {
		if withGone || !l.states.gone(now) {
			out = append(out, l.snapshot(now))
		}
	}
	return out
}

// PrivateLink returns the link with an ID and whether it exists.
func (s *Server) PrivateLink(id string) (PrivateLink, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	l := s.findLink(id, now)
	if l == nil {
		return PrivateLink{}, false
	}
	return l.snapshot(now), true
}

// SetPrivateLinkState sets the state of a link, known to Atlas or not. The state stays until the link is deleted or
// the state is set again. GETs show the error message. It reports whether the link exists.
func (s *Server) SetPrivateLinkState(id, state, errorMessage string) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.states.plan(now, step{state: state})
		l.errorMessage, l.failure = errorMessage, ""
	})
}

// EditPrivateLink changes a link's stored fields, by their wire names, without a request. It reports whether the link
// exists.
func (s *Server) EditPrivateLink(id string, edit func(fields map[string]any)) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.past = remember(l.past, l.fields, now)
		edit(l.fields)
		l.fields = cloneObject(l.fields)
	})
}

// DeletePrivateLinkNow removes a link immediately, even if it is in use. It reports whether the link existed.
func (s *Server) DeletePrivateLinkNow(id string) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.states.plan(now, step{state: StateDeleted})
	})
}

// PutPrivateLink creates a link without a request, as another client would. Fields are not validated. With an empty
// state the link passes through the usual states, any other state is permanent. It returns the new ID.
func (s *Server) PutPrivateLink(projectID string, fields map[string]any, state string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	l := s.newLink(s.ensureProject(projectID), cloneObject(fields), now)
	l.sent = nil
	if state != "" {
		l.states = nil
		l.states.plan(now, step{state: state})
	}
	return l.id
}

// FailNextPrivateLink makes the next link of a project end in FAILED with this message. Several calls affect as many
// links, in order.
func (s *Server) FailNextPrivateLink(projectID, errorMessage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.ensureProject(projectID)
	p.failNext = append(p.failNext, errorMessage)
}

// FailPrivateLinks makes every new link whose fields match end in FAILED with this message. Keys are wire names.
// Values are compared case-insensitively, * matches any text, and a list matches if one of its items does. The
// returned function removes the rule.
func (s *Server) FailPrivateLinks(match map[string]string, errorMessage string) (remove func()) {
	rule := newFailRule(match, errorMessage)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failRules = append(s.failRules, rule)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failRules = slices.DeleteFunc(s.failRules, func(r *failRule) bool { return r == rule })
	}
}

func (s *Server) withLink(id string, do func(l *privateLink, now time.Time)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	l := s.findLink(id, now)
	if l == nil {
		return false
	}
	do(l, now)
	s.track(l, now)
	return true
}

// findLink searches all projects. IDs are unique.
func (s *Server) findLink(id string, now time.Time) *privateLink {
	s.settle(now)
	for _, p := range s.projects {
		if l := p.linksByID[id]; l != nil && !l.states.gone(now) {
			return l
		}
	}
	return nil
}
