package atlastest

import (
	"slices"
	"strconv"
	"time"
)

// intruder is another client's object at the head of a list.
type intruder struct{ leave func() }

// shift moves the list of a request. The object's fields are unlike any that a client searches for.
func (h *ReadFaultHandle) shift(s *Server, c *call) {
	op := c.route.op
	if op != OpListPrivateLinks && op != OpListConnections {
		return
	}
	page, err := strconv.Atoi(c.query.Get("pageNum"))
	first := err != nil || page == 1
	present := first == (h.fault.Shift == ShiftDelete)
	switch {
	case present == (h.intruder != nil):
		return
	case present:
		h.intruder = s.intrude(c)
	default:
		h.leave()
	}
	if !first {
		c.meet(h)
	}
}

// intrude inserts an object before all others, as if it had always existed.
func (s *Server) intrude(c *call) *intruder {
	id := s.newID()
	if c.route.op == OpListPrivateLinks {
		p := c.project
		l := &privateLink{id: id, project: p.id, states: timeline{{State: StateDone}}, createdAt: time.Unix(0, 0), fields: map[string]any{
			"provider": "AWS", "vendor": "GENERIC", "region": "us-east-1", "serviceEndpointId": "com.example.shift-" + id,
		}}
		p.links, p.linksByID[id] = slices.Insert(p.links, 0, l), l
		return &intruder{func() {
			p.links = slices.DeleteFunc(p.links, func(other *privateLink) bool { return other == l })
			delete(p.linksByID, id)
		}}
	}
	w, name := c.workspace, "shift-"+id
	conn := &connection{
		id: id, project: c.projectID, workspace: w.name, name: name, typ: "Sample", states: timeline{{State: StateReady}},
		createdAt: time.Unix(0, 0), fields: map[string]any{"name": name, "type": "Sample", "region": workspaceRegion("")},
	}
	w.connections, w.byName[name] = slices.Insert(w.connections, 0, conn), conn
	return &intruder{func() {
		w.connections = slices.DeleteFunc(w.connections, func(other *connection) bool { return other == conn })
		delete(w.byName, name)
	}}
}
