package atlastest

import "time"

// leaver is an object that is being deleted.
type leaver interface {
	// leave removes the object from the lists if it was deleted before that time, and reports whether it did.
	leave(s *Server, before time.Time) bool
}

// settle updates what the clock alone does not determine: connections that wait for their link, and objects that are
// no longer visible. It is called before each access.
func (s *Server) settle(now time.Time) {
	s.expireReadFaults()
	for c := range s.waiting {
		s.settleWaiting(c, now)
	}
	for obj := range s.leaving {
		if obj.leave(s, now.Add(-s.cfg.consistency.ListLag)) {
			delete(s.leaving, obj)
		}
	}
}

// track registers objects that are being deleted, for settle.
func (s *Server) track(obj leaver, now time.Time) {
	if !obj.leave(s, now.Add(-s.cfg.consistency.ListLag)) {
		s.leaving[obj] = struct{}{}
	}
}

// startConnection plans the states of a new connection. It stays PENDING until its link is DONE, forever if the link
// has FAILED.
func (s *Server) startConnection(c *connection, now time.Time) {
	switch c.network() {
	case netPrivateLink:
		c.states.plan(now, step{state: StatePending})
		c.pendingUntil = now.Add(s.cfg.durations.Pending)
		s.waiting[c] = struct{}{}
		s.settleWaiting(c, now)
	case netVPC, netTransit:
		c.states.plan(now, step{StatePending, s.cfg.durations.Pending}, step{state: StateReady})
	default:
		c.states.plan(now, step{state: StateReady})
	}
}

func (s *Server) settleWaiting(c *connection, now time.Time) {
	p := s.projects[c.project]
	if p == nil || now.Before(c.pendingUntil) {
		return
	}
	l := p.linksByID[c.linkID()]
	if l == nil || l.states.at(now) != StateDone {
		return
	}
	ready := l.states.since(now)
	if ready.Before(c.pendingUntil) {
		ready = c.pendingUntil
	}
	c.states = append(c.states, StateChange{State: StateReady, At: ready})
	delete(s.waiting, c)
}

func (c *connection) leave(s *Server, before time.Time) bool {
	if c.states.at(before) != StateDeleted {
		return false
	}
	w := s.findWorkspace(c.project, c.workspace)
	if w == nil {
		return true
	}
	w.connections, w.gone = depart(w.connections, w.gone, c)
	if w.byName[c.name] == c {
		delete(w.byName, c.name)
	}
	return true
}

func (l *privateLink) leave(s *Server, before time.Time) bool {
	if l.states.at(before) != StateDeleted {
		return false
	}
	p := s.projects[l.project]
	if p == nil {
		return true
	}
	p.links, p.goneLinks = depart(p.links, p.goneLinks, l)
	delete(p.linksByID, l.id)
	return true
}

// departed is the number of deleted objects that are kept for inspection.
const departed = 10_000

func depart[T comparable](live, gone []T, obj T) ([]T, []T) {
	for i, other := range live {
		if other == obj {
			live = append(live[:i:i], live[i+1:]...)
			gone = append(gone, obj)
			break
		}
	}
	return live, gone[max(0, len(gone)-departed):]
}
