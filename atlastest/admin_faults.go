package atlastest

import (
	"fmt"
	"net/http"
	"path"
	"time"
)

// faultDTO is a [Fault] as JSON. Durations use Go's syntax, such as "1.5s".
type faultDTO struct {
	ID    int `json:"id,omitempty"`
	Count int `json:"count"`
	Fault
	RetryAfter string `json:"retryAfter,omitempty"`
	Delay      string `json:"delay,omitempty"`
}

func (d faultDTO) fault() (Fault, error) {
	f := d.Fault
	var err error
	if f.RetryAfter, err = optionalDuration(d.RetryAfter); err != nil {
		return Fault{}, fmt.Errorf("reading retryAfter: %w", err)
	}
	if f.Delay, err = optionalDuration(d.Delay); err != nil {
		return Fault{}, fmt.Errorf("reading delay: %w", err)
	}
	return f, f.validate()
}

func optionalDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	return time.ParseDuration(s)
}

// durationText is the inverse of optionalDuration.
func durationText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return d.String()
}

// validate rejects faults that can never have an effect or would break the server.
func (f *Fault) validate() error {
	if _, err := path.Match(f.Path, ""); err != nil {
		return fmt.Errorf("path pattern %q: %w", f.Path, err)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("status %d: must be between 200 and 599", f.Status)
	}
	if _, known := streamErrors[f.Cut]; !known && f.Cut != CutReset {
		return fmt.Errorf("cut %q: unknown", f.Cut)
	}
	if f.Page != "" && (f.Status == 0 || !f.Page.known()) {
		return fmt.Errorf("page %q: needs a status, and must be nginx, envoy, filter or login", f.Page)
	}
	if !f.decides() && f.Delay <= 0 && f.Hook == nil {
		return fmt.Errorf("the fault does nothing: it has neither status, delay, dropBefore, dropAfter, truncate nor hang")
	}
	return nil
}

func (s *Server) adminInject(r *http.Request) (any, error) {
	var body faultDTO
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	fault, err := body.fault()
	if err != nil {
		return nil, &adminError{http.StatusBadRequest, err.Error()}
	}
	return map[string]any{"id": s.Inject(fault).id}, nil
}

func (s *Server) adminFaults() []faultDTO {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]faultDTO, 0, len(s.faults))
	for _, h := range s.faults {
		f := h.fault
		out = append(out, faultDTO{
			ID: h.id, Count: h.count, Fault: f, RetryAfter: durationText(f.RetryAfter), Delay: durationText(f.Delay),
		})
	}
	return out
}
