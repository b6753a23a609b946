package atlastest

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// handle is the common part of all injected faults.
type handle struct {
	server *Server
	id     int
	once   sync.Once
	count  int    // guarded by server.mu
	end    func() // called once, with server.mu held
}

func (h *handle) base() *handle { return h }

// Remove ends the fault and releases the requests that it holds. It may be called repeatedly.
func (h *handle) Remove() {
	h.once.Do(func() {
		h.server.mu.Lock()
		defer h.server.mu.Unlock()
		h.end()
	})
}

// Count returns the number of requests that met the fault.
func (h *handle) Count() int {
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	return h.count
}

// injected is a kind of handle.
type injected interface {
	comparable
	base() *handle
}

// inject adds a fault to the list of its kind. ended is called on its removal.
func inject[H injected](s *Server, list *[]H, h H, ended func()) H {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultSeq++
	b := h.base()
	b.server, b.id = s, s.faultSeq
	b.end = func() {
		ended()
		*list = slices.DeleteFunc(*list, func(other H) bool { return other == h })
	}
	*list = append(*list, h)
	return h
}

// removeAll removes all faults of a kind.
func removeAll[H injected](s *Server, list *[]H) {
	s.mu.Lock()
	handles := slices.Clone(*list)
	s.mu.Unlock()
	for _, h := range handles {
		h.base().Remove()
	}
}

// adminRemove removes the fault with the ID of the path.
func adminRemove[H injected](s *Server, list *[]H, what string) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		id, err := strconv.Atoi(r.PathValue("id"))
		s.mu.Lock()
		i := slices.IndexFunc(*list, func(h H) bool { return h.base().id == id })
		var h *handle
		if err == nil && i >= 0 {
			h = (*list)[i].base()
		}
		s.mu.Unlock()
		if h == nil {
			return found(false, what, r)
		}
		h.Remove()
		return nil, nil
	}
}
