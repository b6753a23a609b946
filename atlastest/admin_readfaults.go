package atlastest

import (
	"fmt"
	"net/http"
)

// readFaultDTO is a [ReadFault] as JSON. Durations use Go's syntax, such as "1.5s".
type readFaultDTO struct {
	ID    int `json:"id,omitempty"`
	Count int `json:"count"`
	ReadFault
	For    string `json:"for,omitempty"`
	Behind string `json:"behind,omitempty"`
}

func (d readFaultDTO) fault() (ReadFault, error) {
	f := d.ReadFault
	var err error
	if f.For, err = optionalDuration(d.For); err != nil {
		return ReadFault{}, fmt.Errorf("reading for: %w", err)
	}
	if f.Behind, err = optionalDuration(d.Behind); err != nil {
		return ReadFault{}, fmt.Errorf("reading behind: %w", err)
	}
	return f, f.validate()
}

func (s *Server) adminInjectReads(r *http.Request) (any, error) {
	var body readFaultDTO
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	fault, err := body.fault()
	if err != nil {
		return nil, &adminError{http.StatusBadRequest, err.Error()}
	}
	return map[string]any{"id": s.InjectReads(fault).id}, nil
}

func (s *Server) adminReadFaults() []readFaultDTO {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireReadFaults()
	out := make([]readFaultDTO, 0, len(s.readFaults))
	for _, h := range s.readFaults {
		f := h.fault
		out = append(out, readFaultDTO{
			ID: h.id, Count: h.count, ReadFault: f, For: durationText(f.For), Behind: durationText(f.Behind),
		})
	}
	return out
}
