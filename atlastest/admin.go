package atlastest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const adminPrefix = "/_simulator/"

// adminEndpoints is the content of the index.
var adminEndpoints = []string{
	"GET    /_simulator/healthz",
	"GET    /_simulator/state                                all there is, without secrets",
	"POST   /_simulator/privateLinks/{id}/state              {\"state\": \"FAILED\", \"errorMessage\": \"...\"}",
	"DELETE /_simulator/privateLinks/{id}                    make a link vanish at once",
	"POST   /_simulator/connections/{id}/state               {\"state\": \"FAILED\"}",
	"DELETE /_simulator/connections/{id}                     make a connection vanish at once",
	"POST   /_simulator/privateEndpointServices              {\"projectId\": \"...\", \"cloudProvider\": \"AWS\", \"fields\": {\"regionName\": \"EU_WEST_1\"}}",
	"POST   /_simulator/privateEndpointServices/{id}/status  {\"status\": \"FAILED\", \"errorMessage\": \"...\"}",
	"DELETE /_simulator/privateEndpointServices/{id}         make a service vanish at once",
	"POST   /_simulator/failRules                            {\"match\": {\"vendor\": \"MSK\"}, \"errorMessage\": \"...\"}: new links end FAILED",
	"GET    /_simulator/faults",
	"POST   /_simulator/faults                               {\"operation\": \"createPrivateLinkConnection\", \"times\": 1, \"status\": 503}",
	"DELETE /_simulator/faults[/{id}]",
	"GET    /_simulator/readFaults",
	"POST   /_simulator/readFaults                           {\"projectId\": \"...\", \"hideLists\": true, \"hideGets\": true, \"for\": \"4s\"}",
	"DELETE /_simulator/readFaults[/{id}]",
	"GET    /_simulator/adversary                            how often it has struck, by kind",
	"POST   /_simulator/adversary                            {\"seed\": 1, \"rate\": 0.2, \"for\": \"10m\", \"maxHole\": \"500ms\"}: faults of all kinds at random",
	"DELETE /_simulator/adversary                            stop it",
	"GET    /_simulator/requests                             without secrets",
	"DELETE /_simulator/requests                             empty the log and the counters",
	"GET    /_simulator/counts                               requests by operation",
	"GET    /_simulator/ledger                               what requests have created, changed and deleted since the start",
	"GET    /_simulator/statistics                           the same, and how many were refused with 429 or 401, or overlapped",
	"POST   /_simulator/advance                              {\"duration\": \"1h\"}: move the clock",
}

func newAdmin(s *Server) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { adminAnswer(w, r, h) })
	}
	mux.HandleFunc("GET /_simulator/{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range adminEndpoints {
			fmt.Fprintln(w, line)
		}
	})
	mux.HandleFunc("GET /_simulator/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	handle("GET /_simulator/state", func(*http.Request) (any, error) { return s.dump(), nil })
	handle("POST /_simulator/privateLinks/{id}/state", s.adminLinkState)
	handle("DELETE /_simulator/privateLinks/{id}", s.adminDeleteLink)
	handle("POST /_simulator/connections/{id}/state", s.adminConnectionState)
	handle("DELETE /_simulator/connections/{id}", s.adminDeleteConnection)
	handle("POST /_simulator/privateEndpointServices", s.adminPutService)
	handle("POST /_simulator/privateEndpointServices/{id}/status", s.adminServiceStatus)
	handle("DELETE /_simulator/privateEndpointServices/{id}", s.adminDeleteService)
	handle("POST /_simulator/failRules", s.adminFailRule)
	handle("GET /_simulator/faults", func(*http.Request) (any, error) { return s.adminFaults(), nil })
	handle("POST /_simulator/faults", s.adminInject)
	handle("DELETE /_simulator/faults", func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil })
	handle("DELETE /_simulator/faults/{id}", adminRemove(s, &s.faults, "fault"))
	handle("GET /_simulator/readFaults", func(*http.Request) (any, error) { return s.adminReadFaults(), nil })
	handle("POST /_simulator/readFaults", s.adminInjectReads)
	handle("DELETE /_simulator/readFaults", func(*http.Request) (any, error) { s.ClearReadFaults(); return nil, nil })
	handle("DELETE /_simulator/readFaults/{id}", adminRemove(s, &s.readFaults, "fault of reads"))
	adversary := &adminAdversary{server: s}
	handle("GET /_simulator/adversary", adversary.counts)
	handle("POST /_simulator/adversary", adversary.start)
	handle("DELETE /_simulator/adversary", adversary.stop)
	handle("GET /_simulator/requests", func(*http.Request) (any, error) { return s.Requests(), nil })
	handle("DELETE /_simulator/requests", func(*http.Request) (any, error) { s.ResetRequests(); return nil, nil })
	handle("GET /_simulator/counts", func(*http.Request) (any, error) { return s.Counts(), nil })
	handle("GET /_simulator/ledger", func(*http.Request) (any, error) { return s.Ledger(), nil })
	handle("GET /_simulator/statistics", func(*http.Request) (any, error) { return s.Statistics(), nil })
	handle("POST /_simulator/advance", s.adminAdvance)
	return s.guardAdmin(mux)
}

// adminError is an error with its HTTP status.
type adminError struct {
	status  int
	message string
}

func (e *adminError) Error() string { return e.message }

func adminAnswer(w http.ResponseWriter, r *http.Request, h func(*http.Request) (any, error)) {
	body, err := h(r)
	status := http.StatusOK
	switch {
	case err != nil:
		status, body = http.StatusBadRequest, map[string]any{"error": err.Error()}
		if refused, ok := errors.AsType[*adminError](err); ok {
			status = refused.status
		}
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(body) // the client may have gone away
}

func adminBody(r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(nil, r.Body, defaultBodyLimit))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	return nil
}

func found(ok bool, what string, r *http.Request) (any, error) {
	if !ok {
		return nil, &adminError{http.StatusNotFound, fmt.Sprintf("there is no %s %q", what, r.PathValue("id"))}
	}
	return nil, nil
}

type stateRequest struct {
	State        string `json:"state"`
	ErrorMessage string `json:"errorMessage"`
}

func (s *Server) adminLinkState(r *http.Request) (any, error) {
	var body stateRequest
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	if body.State == "" {
		return nil, &adminError{http.StatusBadRequest, "state is missing"}
	}
	ok := s.SetPrivateLinkState(r.PathValue("id"), body.State, body.ErrorMessage)
	if !ok {
		return found(false, "private link", r)
	}
	link, _ := s.PrivateLink(r.PathValue("id"))
	return link, nil
}

func (s *Server) adminDeleteLink(r *http.Request) (any, error) {
	return found(s.DeletePrivateLinkNow(r.PathValue("id")), "private link", r)
}

func (s *Server) adminConnectionState(r *http.Request) (any, error) {
	var body stateRequest
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	switch c, ok := s.connectionByID(r.PathValue("id")); {
	case !ok:
		return found(false, "connection", r)
	case body.State == "" || body.ErrorMessage != "":
		return nil, &adminError{http.StatusBadRequest, "a connection has a state and nothing else"}
	default:
		return found(s.SetConnectionState(c.ProjectID, c.Workspace, c.Name, body.State), "connection", r)
	}
}

func (s *Server) adminDeleteConnection(r *http.Request) (any, error) {
	c, ok := s.connectionByID(r.PathValue("id"))
	return found(ok && s.DeleteConnectionNow(c.ProjectID, c.Workspace, c.Name), "connection", r)
}

func (s *Server) adminFailRule(r *http.Request) (any, error) {
	var body struct {
		Match        map[string]string `json:"match"`
		ErrorMessage string            `json:"errorMessage"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	if len(body.Match) == 0 {
		return nil, &adminError{http.StatusBadRequest, "match is missing"}
	}
	s.FailPrivateLinks(body.Match, body.ErrorMessage)
	return nil, nil
}

func (s *Server) adminAdvance(r *http.Request) (any, error) {
	var body struct {
		Duration string `json:"duration"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(body.Duration)
	if err != nil || d < 0 {
		return nil, &adminError{http.StatusBadRequest, "duration must be one of Go's, such as 90s or 1h"}
	}
	s.Advance(d)
	return map[string]any{"now": s.Now()}, nil
}
