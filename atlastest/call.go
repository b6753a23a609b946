package atlastest

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request while the server handles it.
type call struct {
	request *http.Request
	route   *route
	allowed []string // methods of a path that does not support the request's
	query   url.Values
	raw     []byte
	tooLong bool
	entry   *logEntry

	projectID, workspaceName, provider, target string

	// Set when the request is executed.
	now       time.Time
	account   *credential
	object    map[string]any // the decoded body
	project   *project
	workspace *workspace
	rate      *rateState
	view      view
	disturbed bool // by a fault that determines the response
}

// ServeHTTP responds to a request as Atlas would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.cfg.admin && strings.HasPrefix(r.URL.Path, adminPrefix) {
		s.admin.ServeHTTP(w, r)
		return
	}
	c := s.newCall(w, r)
	a := s.respond(c)
	s.log.finish(c.entry, a.status, a.code)
	s.cfg.logger.Info("request", "method", r.Method, "path", c.entry.request.Path,
		"operation", c.entry.request.Operation, "status", a.status, "errorCode", a.code,
		"credential", c.entry.request.CredentialID)
	a.write(w, r)
	if !c.disturbed {
		s.sent(c)
	}
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{request: r, query: r.URL.Query()}
	var params map[string]string
	c.route, params, c.allowed = findRoute(r.Method, r.URL.EscapedPath())
	c.projectID, c.workspaceName = params["project"], params["workspace"]
	c.provider, c.target = params["provider"], params["target"]
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.cfg.bodyLimit))
	c.raw = raw
	c.tooLong = errors.As(err, new(*http.MaxBytesError))

	logged := Request{
		ID:          rand.Text(),
		Time:        s.Now(),
		Method:      r.Method,
		Path:        r.URL.EscapedPath(),
		Query:       c.query,
		ProjectID:   c.projectID,
		Workspace:   c.workspaceName,
		Provider:    c.provider,
		Target:      c.target,
		Accept:      r.Header.Get("Accept"),
		ContentType: r.Header.Get("Content-Type"),
		UserAgent:   r.UserAgent(),
	}
	if c.route != nil {
		logged.Operation = c.route.op
	}
	logged.Body = redactBody(logged.Operation, raw)
	c.entry = s.log.begin(logged, string(raw))
	return c
}

// respond determines the response: first authentication, then routing, then faults.
func (s *Server) respond(c *call) answer {
	if err := s.authenticate(c); err != nil {
		return c.failure(err)
	}
	switch {
	case c.tooLong:
		return c.failure(newError(http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE", "The request body is too large."))
	case c.route == nil && len(c.allowed) > 0:
		err := newError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "The method is not allowed for this resource.")
		err.header.Set("Allow", strings.Join(c.allowed, ", "))
		return c.failure(err)
	case c.route == nil:
		return c.failure(newError(http.StatusNotFound, "RESOURCE_NOT_FOUND",
			"Cannot find resource "+c.entry.request.Path+".", c.entry.request.Path))
	}
	overlapped, end := s.beginWrite(c)
	defer end()
	s.log.arrive(c.entry, overlapped)
	return s.meetFaults(c, s.takeFaults(c.entry.request))
}

// meetFaults executes the request or applies its faults.
func (s *Server) meetFaults(c *call, met []*FaultHandle) answer {
	for _, h := range met {
		if !s.pause(s.closed, h.fault.Delay) {
			return answer{}
		}
		if h.fault.Hook != nil {
			h.fault.Hook(c.entry.request)
		}
	}
	if len(met) == 0 || !met[len(met)-1].fault.decides() {
		return s.carryOut(c)
	}
	last := met[len(met)-1]
	c.disturbed = true
	var done answer
	if last.fault.commits() {
		done = s.carryOut(c)
	}
	switch f := &last.fault; {
	case f.DropBefore, f.DropAfter:
		return answer{how: f.Cut}
	case f.Hang && !s.hold(c, last):
		return answer{}
	case f.Hang && !f.commits():
		return s.carryOut(c)
	case f.Hang:
		return done
	case f.Status == 0:
		return done.half(f)
	default:
		return c.faultAnswer(s, f).half(f)
	}
}

// hold waits until the fault is removed. It returns false if the client or the server has gone away.
func (s *Server) hold(c *call, h *FaultHandle) bool {
	select {
	case <-h.removed:
		return true
	case <-c.request.Context().Done():
		return false
	case <-s.closed.Done():
		return false
	}
}

// carryOut executes the request.
func (s *Server) carryOut(c *call) answer {
	if !s.pause(s.closed, s.latency()) {
		return answer{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.now()
	s.settle(c.now)
	if !c.route.oauth() {
		for _, check := range []func(*Server) *apiError{
			c.checkRate, c.checkAccess, c.checkMedia, c.checkQuery, c.decode, c.resolve, c.findReadFaults,
		} {
			if err := check(s); err != nil {
				return c.failure(err)
			}
		}
	}
	status, body, err := c.route.handle(s, c)
	if err != nil {
		return c.failure(err)
	}
	return c.success(status, body)
}

// decode reads the request body, if any.
func (c *call) decode(*Server) *apiError {
	if c.route.method != http.MethodPost && c.route.method != http.MethodPatch {
		return nil
	}
	object, err := decodeObject(c.raw)
	if err != nil {
		return newError(http.StatusBadRequest, "MALFORMED_JSON", "Received JSON is malformed.")
	}
	c.object = object
	return nil
}

// resolve finds the project and the workspace of the path, or creates them if auto-creation is enabled.
func (c *call) resolve(s *Server) *apiError {
	if c.route.op == OpListProjects {
		return nil
	}
	if !objectID.MatchString(c.projectID) {
		return newError(http.StatusBadRequest, "INVALID_GROUP_ID",
			"An invalid group ID "+c.projectID+" was specified.", c.projectID)
	}
	if s.cfg.autoCreate {
		s.ensureProject(c.projectID)
	}
	c.project = s.projects[c.projectID]
	if c.project == nil {
		c.rate = nil // Atlas sends rate limit headers only for existing projects
		return groupNotFound(c.projectID)
	}
	if c.workspaceName == "" {
		return nil
	}
	if s.cfg.autoCreate {
		s.ensureWorkspace(c.project, c.workspaceName)
	}
	c.workspace = c.project.workspaces[c.workspaceName]
	if c.workspace == nil {
		return workspaceNotFound(c.projectID, c.workspaceName)
	}
	return nil
}
