package atlastest

import (
	"net/http"
	"path"
	"time"
)

// Fault is something that goes wrong. Its first part says with which requests,
// its second part how.
//
// Faults meet requests that have passed authentication, so that the challenge of
// a digest login does not use them up. They are tried in the order in which they
// were injected; one that only delays lets later ones have their turn, the first
// that decides the answer ends it.
//
// Beware that Go's HTTP transport repeats a GET by itself when the connection is
// cut before the first byte of an answer: a DropBefore or DropAfter meets the
// repetition too if Times allows.
type Fault struct {
	// Operation, Method and Path have to agree where they are set. Path is a
	// pattern of [path.Match] over the escaped path.
	Operation Operation
	Method    string
	Path      string
	// Match decides on what is left, if set. Body is redacted. It must not call
	// the server.
	Match func(Request) bool
	// Skip lets that many matching requests pass first.
	Skip int
	// Times is how many requests meet the fault, 0 for all until it is removed.
	Times int

	// Status answers with this HTTP status and an error body made of ErrorCode,
	// Reason, Detail, Parameters and Fields, or of HTML. 401 without an ErrorCode
	// or with UNEXPECTED_ERROR has the challenge with it that Atlas sends when a token has expired or a
	// digest is wrong.
	Status     int
	ErrorCode  string
	Reason     string
	Detail     string
	Parameters []any
	Fields     []FieldError
	// HTML replaces the error body, as a proxy would.
	HTML string
	// Page replaces the whole answer by that of a kind of proxy, with Status.
	Page Page
	// Header is added to the answer that Status makes.
	Header http.Header
	// RetryAfter is sent as Retry-After, in seconds rounded up.
	RetryAfter time.Duration
	// AfterCommit carries the request out before it is answered with Status, or
	// before Hang begins.
	AfterCommit bool
	// Delay waits in real time before the request is carried out, which it is
	// even when the client has gone away by then.
	Delay time.Duration
	// DropBefore cuts the connection without carrying the request out.
	DropBefore bool
	// DropAfter carries the request out and cuts the connection in place of the
	// answer.
	DropAfter bool
	// Truncate sends the header and the first half of the body, then cuts the
	// connection. The answer is that of Status or, without one, what the request
	// gets once it is carried out.
	Truncate bool
	// NoLength sends a truncated answer without Content-Length. With CutClose it
	// then looks complete.
	NoLength bool
	// Cut says how DropBefore, DropAfter and Truncate cut.
	Cut Cut
	// Hook is called before the request is carried out. It may call the server,
	// to change something between two pages of a list for instance.
	Hook func(Request)
	// Hang holds the request until its client goes away, or until the fault is
	// removed: then it goes on as if there had been no fault.
	Hang bool
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

// Inject makes a fault active. One that could never have an effect is a mistake
// of the test and panics.
func (s *Server) Inject(fault Fault) *FaultHandle {
	if err := fault.validate(); err != nil {
		panic("atlastest: " + err.Error())
	}
	h := &FaultHandle{fault: fault, removed: make(chan struct{})}
	return inject(s, &s.faults, h, func() { close(h.removed) })
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() { removeAll(s, &s.faults) }

// takeFaults returns the faults that a request meets, in order, and counts them.
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

// decides reports whether the fault has the last word on the answer.
func (f *Fault) decides() bool {
	return f.Status != 0 || f.DropBefore || f.DropAfter || f.Truncate || f.Hang
}

// commits reports whether the request is carried out although it meets the fault.
func (f *Fault) commits() bool {
	return f.DropAfter || f.AfterCommit || f.Truncate && f.Status == 0
}
