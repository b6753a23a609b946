package atlastest

import (
	"net/http"
	"path"
	"time"
)

// Fault disturbs requests. The first group of fields selects the requests, the second one the effect.
//
// Faults apply to requests that have passed authentication, so that a digest challenge does not consume them. They are
// tried in order of injection: after a fault that only delays, later ones apply too; the first one that determines the
// response is the last.
//
// Go's HTTP transport retries a GET if the connection is cut before the first byte of a response: DropBefore or
// DropAfter apply to the retry too if Times allows it.
type Fault struct {
	// Operation, Method and Path must match if set. Path is a [path.Match] pattern for the escaped path.
	Operation Operation `json:"operation,omitempty"`
	Method    string    `json:"method,omitempty"`
	Path      string    `json:"path,omitempty"`
	// Match further restricts the requests, if set. Body is redacted. It must not call the server.
	Match func(Request) bool `json:"-"`
	// Skip is the number of matching requests that pass first.
	Skip int `json:"skip,omitempty"`
	// Times limits the number of affected requests. 0 means until removal.
	Times int `json:"times,omitempty"`

	// Status responds with this HTTP status and an error body of ErrorCode, Reason, Detail, Parameters and Fields, or
	// of HTML. A 401 without ErrorCode, or with UNEXPECTED_ERROR, includes the challenge that Atlas sends for an
	// expired token or a wrong digest.
	Status     int          `json:"status,omitempty"`
	ErrorCode  string       `json:"errorCode,omitempty"`
	Reason     string       `json:"reason,omitempty"`
	Detail     string       `json:"detail,omitempty"`
	Parameters []any        `json:"parameters,omitempty"`
	Fields     []FieldError `json:"fields,omitempty"`
	// HTML replaces the error body, like a proxy's page.
	HTML string `json:"html,omitempty"`
	// Page replaces the whole response by that of a proxy, with Status.
	Page Page `json:"page,omitempty"`
	// Header is added to a response by Status.
	Header http.Header `json:"header,omitempty"`
	// RetryAfter is sent as Retry-After, in seconds rounded up.
	RetryAfter time.Duration `json:"-"`
	// AfterCommit executes the request before Status is returned or Hang begins.
	AfterCommit bool `json:"afterCommit,omitempty"`
	// Delay waits in real time before the request is executed, even if the client goes away meanwhile.
	Delay time.Duration `json:"-"`
	// DropBefore cuts the connection without executing the request.
	DropBefore bool `json:"dropBefore,omitempty"`
	// DropAfter executes the request and cuts the connection instead of responding.
	DropAfter bool `json:"dropAfter,omitempty"`
	// Truncate sends the header and the first half of the body, then cuts the connection. The response is that of
	// Status or else that of the executed request.
	Truncate bool `json:"truncate,omitempty"`
	// NoLength sends a truncated response without Content-Length. With CutClose it then looks complete.
	NoLength bool `json:"noLength,omitempty"`
	// Cut selects how DropBefore, DropAfter and Truncate cut the connection.
	Cut Cut `json:"cut,omitempty"`
	// Hook is called before the request is executed. It may call the server, for example to change a list between two
	// pages.
	Hook func(Request) `json:"-"`
	// Hang holds the request until its client goes away, or until the fault is removed. In the latter case the request
	// continues without a fault.
	Hang bool `json:"hang,omitempty"`
}

// FieldError is one entry of badRequestDetail.fields.
type FieldError struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// FaultHandle is an injected fault.
type FaultHandle struct {
	handle
	fault   Fault
	seen    int // guarded by server.mu
	removed chan struct{}
}

// Inject activates a fault. It panics if the fault can never have an effect.
func (s *Server) Inject(fault Fault) *FaultHandle {
	if err := fault.validate(); err != nil {
		panic("atlastest: " + err.Error())
	}
	h := &FaultHandle{fault: fault, removed: make(chan struct{})}
	return inject(s, &s.faults, h, func() { close(h.removed) })
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() { removeAll(s, &s.faults) }

// takeFaults returns the faults that apply to a request, in order, and counts them.
func (s *Server) takeFaults(r Request) []*FaultHandle {
	s.mu.Lock()
	defer s.mu.Unlock()
	var met []*FaultHandle
	for _, h := range s.faults {
		if !h.meets(r) {
			continue
		}
		met = append(met, h)
		if h.fault.decides() {
			break
		}
	}
	return met
}

func (h *FaultHandle) meets(r Request) bool {
	f := &h.fault
	if f.Times > 0 && h.count >= f.Times || !f.matches(r) {
		return false
	}
	h.seen++
	if h.seen <= f.Skip {
		return false
	}
	h.count++
	return true
}

func (f *Fault) matches(r Request) bool {
	if f.Operation != "" && f.Operation != r.Operation {
		return false
	}
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	if f.Path != "" {
		if ok, err := path.Match(f.Path, r.Path); err != nil || !ok {
			return false
		}
	}
	return f.Match == nil || f.Match(r)
}

// decides reports whether the fault determines the response.
func (f *Fault) decides() bool {
	return f.Status != 0 || f.DropBefore || f.DropAfter || f.Truncate || f.Hang
}

// commits reports whether the request is executed despite the fault.
func (f *Fault) commits() bool {
	return f.DropAfter || f.AfterCommit || f.Truncate && f.Status == 0
}
