package atlastest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// view is the state of the simulator as visible to one request.
type view struct {
	behind time.Duration      // lag of the replica that responds
	hiding []*ReadFaultHandle // faults that hide objects from this operation
	above  []*ReadFaultHandle // faults that hide the workspace
	met    map[*ReadFaultHandle]bool
	last   bool      // a complete list
	hole   *fairHole // of its list, at the arrival of the request
}

// fairHole separates the holes of fair faults: after one has hidden an object, the list must be served completely
// before another one may hide any.
type fairHole struct {
	hiddenBy *ReadFaultHandle
	over     bool
}

// findReadFaults finds the read faults that apply to a request.
func (c *call) findReadFaults(s *Server) *apiError {
	c.view.hole = s.fairHoles[c.list()]
	for _, h := range s.readFaults {
		if !h.fault.matches(c) {
			continue
		}
		if h.fault.hides(c.route.op) {
			c.view.hiding = append(c.view.hiding, h)
		}
		if h.fault.HideWorkspaces && c.workspace != nil && c.route.method == http.MethodGet {
			c.view.above = append(c.view.above, h)
		}
		if h.fault.Behind > 0 && c.route.method == http.MethodGet && h.lags() {
			c.view.behind = max(c.view.behind, h.fault.Behind)
			c.meet(h)
		}
		if h.fault.Shift != "" {
			h.shift(s, c)
		}
	}
	if c.workspace != nil && c.hidden(s, c.view.above, c.workspace.id, "") {
		return workspaceNotFound(c.projectID, c.workspaceName)
	}
	return nil
}

// list returns the key of the list that contains the request's object.
func (c *call) list() string {
	return strings.Join([]string{c.projectID, c.workspaceName, c.provider}, "/")
}

// meet counts a request once.
func (c *call) meet(h *ReadFaultHandle) {
	if c.view.met == nil {
		c.view.met = map[*ReadFaultHandle]bool{}
	}
	if !c.view.met[h] {
		c.view.met[h] = true
		h.count++
	}
}

// listed returns the time whose state lists show.
func (c *call) listed(s *Server) time.Time {
	return c.now.Add(-max(s.cfg.consistency.ListLag, c.view.behind))
}

// got returns the time whose state GETs show.
func (c *call) got() time.Time { return c.now.Add(-c.view.behind) }

// hides reports whether an existing object is hidden.
func (c *call) hides(s *Server, id, name string) bool {
	return c.hidden(s, c.view.hiding, id, name)
}

func (c *call) hidden(s *Server, hiding []*ReadFaultHandle, id, name string) bool {
	for _, h := range hiding {
		if name != "" && h.fault.Target != "" && h.fault.Target != id && h.fault.Target != name {
			continue
		}
		hole := s.fairHoles[c.list()]
		if h.fault.fair && hole != nil && hole.hiddenBy != h && !hole.over {
			continue
		}
		if h.fault.fair {
			s.fairHoles[c.list()] = &fairHole{hiddenBy: h}
		}
		c.meet(h)
		return true
	}
	return false
}

// sent records that the client has received the complete response.
func (s *Server) sent(c *call) {
	if c.view.hole == nil || !c.view.last || len(c.view.met) > 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.view.hole.over = true
}

// listEntry is the metadata that lists need.
type listEntry struct {
	id, name  string
	createdAt time.Time
	states    timeline
}

func (l *privateLink) listEntry() listEntry { return listEntry{l.id, l.id, l.createdAt, l.states} }
func (c *connection) listEntry() listEntry  { return listEntry{c.id, c.name, c.createdAt, c.states} }

// shown returns the objects that a list shows at a time. A lagging replica may show deleted ones.
func shown[T interface{ listEntry() listEntry }](s *Server, c *call, gone, live []T, at time.Time) []T {
	all := live
	if c.view.behind > 0 {
		all = slices.Concat(gone, live)
		slices.SortStableFunc(all, func(a, b T) int { return a.listEntry().createdAt.Compare(b.listEntry().createdAt) })
	}
	var out []T
	for _, object := range all {
		if l := object.listEntry(); !l.states.gone(at) && !c.hides(s, l.id, l.name) {
			out = append(out, object)
		}
	}
	return out
}

// link returns the link of the path as visible to a GET, or nil.
func (c *call) link(s *Server) *privateLink {
	l := c.project.linksByID[c.target]
	if l == nil && c.view.behind > 0 {
		if i := slices.IndexFunc(c.project.goneLinks, func(l *privateLink) bool { return l.id == c.target }); i >= 0 {
			l = c.project.goneLinks[i]
		}
	}
	if l == nil || l.states.gone(c.got()) || c.now.Before(l.createdAt.Add(s.cfg.consistency.GetLag)) || c.hides(s, l.id, l.id) {
		return nil
	}
	return l
}

// connection returns the connection of the path as visible to a GET, or nil.
func (c *call) connection(s *Server) *connection {
	conn := c.workspace.byName[c.target]
	if c.view.behind > 0 && (conn == nil || conn.states.gone(c.got())) {
		old := func(conn *connection) bool { return conn.name == c.target && !conn.states.gone(c.got()) }
		all := slices.Concat(c.workspace.gone, c.workspace.connections)
		if i := slices.IndexFunc(all, old); i >= 0 {
			conn = all[i]
		}
	}
	if conn == nil || conn.states.gone(c.got()) || c.now.Before(conn.createdAt.Add(s.cfg.consistency.GetLag)) ||
		c.hides(s, conn.id, conn.name) {
		return nil
	}
	return conn
}

// pastFields holds the fields that an object had until a time.
type pastFields struct {
	fields map[string]any
	until  time.Time
}

const pastKept = 50

// remember appends the current fields before they are changed.
func remember(past []pastFields, fields map[string]any, now time.Time) []pastFields {
	past = append(past, pastFields{cloneObject(fields), now})
	return past[max(0, len(past)-pastKept):]
}

// fieldsAt returns the fields at a time.
func fieldsAt(past []pastFields, fields map[string]any, at time.Time) map[string]any {
	for _, p := range past {
		if at.Before(p.until) {
			return p.fields
		}
	}
	return fields
}
