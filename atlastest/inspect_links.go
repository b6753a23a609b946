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
	// ErrorMessage is what a GET shows now.
	ErrorMessage string `json:"errorMessage,omitempty"`
	// Fields is the object as a GET answers it, without links.
	Fields map[string]any `json:"fields"`
	// Sent is the body of the POST that made it; nil for [Server.PutPrivateLink].
	Sent      map[string]any `json:"-"`
	CreatedAt time.Time      `json:"createdAt"`
	Acts
	// History holds every state so far, oldest first.
	History []StateChange `json:"history"`
}

// String returns a field of the object that is a string, else "".
func (l PrivateLink) String(field string) string {
	value, _ := l.Fields[field].(string)
	return value
}

// PrivateLinks returns the links that exist in a project, in order of creation,
// those being deleted included.
func (s *Server) PrivateLinks(projectID string) []PrivateLink {
	return s.snapshotLinks(projectID, false)
}

// AllPrivateLinks returns every link that has ever existed in a project, those
// that are gone included (StateDeleted).
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

// PrivateLink returns the link with an id, and whether it exists.
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

// SetPrivateLinkState puts a link into a state, known to Atlas or not, where it
// stays until it is deleted or set again. The error message is what a GET shows
// from now on. It reports whether the link exists.
func (s *Server) SetPrivateLinkState(id, state, errorMessage string) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.states.plan(now, step{state: state})
		l.errorMessage, l.failure = errorMessage, ""
	})
}

// EditPrivateLink changes the stored fields of a link behind everybody's back,
// by their names on the wire. It reports whether the link exists.
func (s *Server) EditPrivateLink(id string, edit func(fields map[string]any)) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.past = remember(l.past, l.fields, now)
		edit(l.fields)
		l.fields = cloneObject(l.fields)
	})
}

// DeletePrivateLinkNow makes a link vanish at once, in use or not. It reports
// whether it existed.
func (s *Server) DeletePrivateLinkNow(id string) bool {
	return s.withLink(id, func(l *privateLink, now time.Time) {
		l.states.plan(now, step{state: StateDeleted})
	})
}

// PutPrivateLink makes a link as somebody else would, without a request; fields
// are not validated. An empty state lets it live through the usual states, any
// other one stays. It returns the new id.
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

// FailNextPrivateLink makes the next link created in a project end FAILED with
// this message. Calls add up, first come first served.
func (s *Server) FailNextPrivateLink(projectID, errorMessage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.ensureProject(projectID)
	p.failNext = append(p.failNext, errorMessage)
}

// FailPrivateLinks makes every link created from now on whose fields match end
// FAILED with this message. Keys are names on the wire; values are compared
// case-insensitively, * stands for any text, and a list matches when one of its
// items does. The rule is removed by the function returned.
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

// findLink looks in all projects: ids are unique.
func (s *Server) findLink(id string, now time.Time) *privateLink {
	s.settle(now)
	for _, p := range s.projects {
		if l := p.linksByID[id]; l != nil && !l.states.gone(now) {
			return l
		}
	}
	return nil
}
