package atlastest

import (
	"fmt"
	"net/http"
)

// readFaultDTO is a [ReadFault] as JSON. Durations use Go's syntax, such as "1.5s".
type readFaultDTO struct {
	ID             int       `json:"id,omitempty"`
	Count          int       `json:"count"`
	ProjectID      string    `json:"projectId,omitempty"`
	Workspace      string    `json:"workspace,omitempty"`
	Operation      Operation `json:"operation,omitempty"`
	Target         string    `json:"target,omitempty"`
	Times          int       `json:"times,omitempty"`
	For            string    `json:"for,omitempty"`
	HideLists      bool      `json:"hideLists,omitempty"`
	HideGets       bool      `json:"hideGets,omitempty"`
	HideDeletes    bool      `json:"hideDeletes,omitempty"`
	HideWorkspaces bool      `json:"hideWorkspaces,omitempty"`
	Behind         string    `json:"behind,omitempty"`
	Seed           uint64    `json:"seed,omitempty"`
	Shift          Shift     `json:"shift,omitempty"`
}

func (d readFaultDTO) fault() (ReadFault, error) {
	f := ReadFault{
		ProjectID: d.ProjectID, Workspace: d.Workspace, Operation: d.Operation, Target: d.Target, Times: d.Times,
		HideLists: d.HideLists, HideGets: d.HideGets, HideDeletes: d.HideDeletes, HideWorkspaces: d.HideWorkspaces, Seed: d.Seed, Shift: d.Shift,
	}
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
		d := readFaultDTO{
			ID: h.id, Count: h.count,
			ProjectID: f.ProjectID, Workspace: f.Workspace, Operation: f.Operation, Target: f.Target, Times: f.Times,
			HideLists: f.HideLists, HideGets: f.HideGets, HideDeletes: f.HideDeletes, HideWorkspaces: f.HideWorkspaces,
			Seed: f.Seed, Shift: f.Shift,
		}
		if f.For > 0 {
			d.For = f.For.String()
		}
		if f.Behind > 0 {
			d.Behind = f.Behind.String()
		}
		out = append(out, d)
	}
	return out
}
