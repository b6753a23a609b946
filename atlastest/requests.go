package atlastest

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Operation names an API operation after its method in Atlas.
type Operation string

// The supported operations.
const (
	OpListPrivateLinks  Operation = "listPrivateLinkConnections"
	OpCreatePrivateLink Operation = "createPrivateLinkConnection"
	OpGetPrivateLink    Operation = "getPrivateLinkConnection"
	OpUpdatePrivateLink Operation = "updatePrivateLinkConnection"
	OpDeletePrivateLink Operation = "deletePrivateLinkConnection"

	OpListConnections  Operation = "listStreamConnections"
	OpCreateConnection Operation = "createStreamConnection"
	OpGetConnection    Operation = "getStreamConnection"
	OpUpdateConnection Operation = "updateStreamConnection"
	OpDeleteConnection Operation = "deleteStreamConnection"

	OpListWorkspaces  Operation = "listStreamWorkspaces"
	OpCreateWorkspace Operation = "createStreamWorkspace"
	OpGetWorkspace    Operation = "getStreamWorkspace"
	OpUpdateWorkspace Operation = "updateStreamWorkspace"
	OpDeleteWorkspace Operation = "deleteStreamWorkspace"

	OpListProjects      Operation = "listGroups"
	OpGetProject        Operation = "getGroup"
	OpGetAccountDetails Operation = "getAccountDetails"

	OpListPrivateEndpointServices Operation = "listPrivateEndpointServices"
	OpGetPrivateEndpointService   Operation = "getPrivateEndpointService"
	OpListPrivateEndpointsV1      Operation = "listPrivateEndpointsV1" // deprecated, AWS only

	OpToken  Operation = "oauthToken"
	OpRevoke Operation = "oauthRevoke"
)

// Request is an entry of the request log.
type Request struct {
	// ID is the X-Request-Id of the response.
	ID string `json:"id"`
	// Time is the arrival on the server's clock.
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	// Path is escaped, as received.
	Path  string     `json:"path"`
	Query url.Values `json:"query,omitempty"`
	// Operation is empty for unsupported paths and methods.
	Operation Operation `json:"operation,omitempty"`
	ProjectID string    `json:"projectId,omitempty"`
	Workspace string    `json:"workspace,omitempty"`
	// Provider is the cloud provider in the path, as received.
	Provider string `json:"provider,omitempty"`
	// Target is the ID of the private link or private endpoint service, or the connection's name, in the path.
	Target string `json:"target,omitempty"`
	// Status is the response's status, 0 if the connection was cut.
	Status    int    `json:"status"`
	ErrorCode string `json:"errorCode,omitempty"`
	// CredentialID is the client ID or public key after successful authentication.
	CredentialID string `json:"credentialId,omitempty"`
	// Authenticated is false for requests that failed authentication, including those that receive a digest challenge.
	Authenticated bool   `json:"authenticated"`
	Accept        string `json:"accept,omitempty"`
	ContentType   string `json:"contentType,omitempty"`
	UserAgent     string `json:"userAgent,omitempty"`
	// Body has its secrets replaced, except from [Server.RequestsWithSecrets].
	Body string `json:"body,omitempty"`
	// Overlapped is set for a write to a workspace that arrived during another one.
	Overlapped bool `json:"overlapped,omitempty"`
}

// Requests returns the answered requests since the last reset, oldest first.
func (s *Server) Requests() []Request { return s.log.list(false) }

// RequestsWithSecrets returns the same as [Server.Requests], with unredacted bodies. Keep it out of logs and failure
// messages.
func (s *Server) RequestsWithSecrets() []Request { return s.log.list(true) }

// RequestsOf returns the answered requests of an operation that passed authentication, oldest first.
func (s *Server) RequestsOf(op Operation) []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool {
		return r.Operation != op || !r.Authenticated
	})
}

// ResetRequests clears the log and the counters.
func (s *Server) ResetRequests() { s.log.reset() }

// Count returns the number of answered requests of an operation that passed authentication since the last reset.
func (s *Server) Count(op Operation) int { return s.Counts()[op] }

// Counts returns the number of answered requests per operation that passed authentication since the last reset.
func (s *Server) Counts() map[Operation]int { return s.Statistics().Requests }

// OverlappingWrites returns the number of writes to a workspace's connections that arrived during another one. Atlas
// corrupts such writes.
func (s *Server) OverlappingWrites(projectID, workspaceName string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	gauge := s.writes[workspaceKey{projectID, workspaceName}]
	if gauge == nil {
		return 0
	}
	return gauge.overlaps
}

// WaitFor waits for an answered request that the predicate accepts, including those already in the log, and returns
// it. The effect of the request is complete. The error is that of ctx.
func (s *Server) WaitFor(ctx context.Context, predicate func(Request) bool) (Request, error) {
	return s.log.wait(ctx, &waiter{predicate: predicate, signal: make(chan struct{}, 1)})
}

// WaitForArrival waits for a request that the predicate accepts and that has passed authentication, answered or not.
// Use it for requests that a fault holds. The error is that of ctx.
func (s *Server) WaitForArrival(ctx context.Context, predicate func(Request) bool) (Request, error) {
	return s.log.wait(ctx, &waiter{predicate: predicate, early: true, signal: make(chan struct{}, 1)})
}

type logEntry struct {
	request  Request // Body is redacted
	raw      string
	arrived  bool
	answered bool
}

type requestLog struct {
	limit int

	mu      sync.Mutex
	entries []*logEntry
	stats   Statistics
	waiters map[*waiter]struct{}
}

func newRequestLog(limit int) *requestLog {
	return &requestLog{limit: limit, stats: newStatistics(), waiters: map[*waiter]struct{}{}}
}

func (l *requestLog) begin(r Request, raw string) *logEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &logEntry{request: r, raw: raw}
	l.entries = append(l.entries, e)
	if len(l.entries) >= 2*l.limit {
		l.entries = slices.Clone(l.entries[len(l.entries)-l.limit:])
	}
	return e
}

// identify records the credential of a request. An empty id means that authentication is not complete.
func (l *requestLog) identify(e *logEntry, credentialID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.request.Authenticated, e.request.CredentialID = true, credentialID
}

func (l *requestLog) arrive(e *logEntry, overlapped bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.arrived, e.request.Overlapped = true, overlapped
	if overlapped {
		l.stats.Overlapped++
	}
	l.notify(e)
}

func (l *requestLog) finish(e *logEntry, status int, errorCode string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.answered = true
	e.request.Status, e.request.ErrorCode = status, errorCode
	l.stats.count(e.request)
	l.notify(e)
}

func (l *requestLog) list(secrets bool) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Request, 0, min(len(l.entries), l.limit))
	for _, e := range l.entries[max(0, len(l.entries)-l.limit):] {
		if !e.answered {
			continue
		}
		r := e.request
		if secrets {
			r.Body = e.raw
		}
		out = append(out, r)
	}
	return out
}

func (l *requestLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Keep requests in flight, so that their responses are logged.
	l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(e *logEntry) bool { return e.answered })
	l.stats = newStatistics()
}
