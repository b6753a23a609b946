package atlastest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The content of a new server, except with [WithoutDefaults].
const (
	DefaultProjectID    = "65f1c0de0000000000000001"
	DefaultWorkspace    = "streams"
	DefaultClientID     = "mdb_sa_id_65f1c0de0000000000000002"
	DefaultClientSecret = "mdb_sa_sk_simulated-secret"
	DefaultPublicKey    = "simulate"
	DefaultPrivateKey   = "0a1b2c3d-simulated-private-key"
)

type project struct {
	id          string
	createdAt   time.Time
	workspaces  map[string]*workspace
	links       []*privateLink // in order of creation
	linksByID   map[string]*privateLink
	goneLinks   []*privateLink
	failNext    []string
	noClusterIn map[string]bool

	accountDetails  map[string]map[string]any // as configured, by clusterKey
	services        []*endpointService        // in order of creation
	servicesRetired int                       // status of all their responses, if set
}

type workspace struct {
	id, name    string
	project     string
	fields      map[string]any // as returned by a GET, without id, name and hostnames
	acts        Acts
	ends        time.Time     // of a deletion, else zero
	connections []*connection // in order of creation
	byName      map[string]*connection
	gone        []*connection
	processors  map[string]int // by connection name
}

type workspaceKey struct{ project, workspace string }

func (s *Server) seedDefaults() {
	s.AddWorkspace(DefaultProjectID, DefaultWorkspace)
	s.AddServiceAccount(DefaultClientID, DefaultClientSecret)
	s.AddAPIKey(DefaultPublicKey, DefaultPrivateKey)
}

// AddProject adds a project. It is a no-op for an existing one.
func (s *Server) AddProject(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureProject(id)
}

// RemoveProject removes a project and its contents.
func (s *Server) RemoveProject(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.projects, id)
}

// AddWorkspace adds a stream workspace and its project. It is a no-op for existing ones.
func (s *Server) AddWorkspace(projectID, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureWorkspace(s.ensureProject(projectID), name)
}

// RemoveWorkspace removes a workspace and its connections.
func (s *Server) RemoveWorkspace(projectID, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[projectID]; p != nil {
		delete(p.workspaces, name)
	}
}

// SetClusterMissing makes Atlas reject new private links of a provider and region of the project, because it has no
// cluster there: 400 VALIDATION_ERROR without fields. An empty region means all regions. With missing false, the
// cluster exists again.
func (s *Server) SetClusterMissing(projectID, provider, region string, missing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureProject(projectID).noClusterIn[clusterKey(provider, region)] = missing
}

func clusterKey(provider, region string) string {
	return strings.ToUpper(provider) + "/" + canonicalRegion(region)
}

// canonicalRegion maps the spellings of a region to one: us-east-1, US_EAST_1.
func canonicalRegion(region string) string {
	return strings.ToLower(strings.ReplaceAll(region, "_", "-"))
}

func (p *project) lacksCluster(provider, region string) bool {
	return p.noClusterIn[clusterKey(provider, region)] || p.noClusterIn[clusterKey(provider, "")]
}

func (s *Server) ensureProject(id string) *project {
	if p := s.projects[id]; p != nil {
		return p
	}
	p := &project{
		id:             id,
		createdAt:      s.now(),
		workspaces:     map[string]*workspace{},
		linksByID:      map[string]*privateLink{},
		noClusterIn:    map[string]bool{},
		accountDetails: map[string]map[string]any{},
	}
	s.projects[id] = p
	return p
}

func (s *Server) ensureWorkspace(p *project, name string) *workspace {
	if w := p.workspaces[name]; w != nil {
		return w
	}
	w := &workspace{
		id:         s.newID(),
		name:       name,
		project:    p.id,
		fields:     defaultWorkspaceFields(),
		byName:     map[string]*connection{},
		processors: map[string]int{},
	}
	p.workspaces[name] = w
	return w
}

// Projects returns the IDs of all projects, sorted.
func (s *Server) Projects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.projects))
}

// Workspaces returns the names of a project's workspaces, sorted.
func (s *Server) Workspaces(projectID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[projectID]
	if p == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.workspaces))
}

// newID generates an object ID like Atlas's: 24 hex digits, the first eight a Unix time in seconds.
func (s *Server) newID() string {
	s.lastID++
	return fmt.Sprintf("%08x%016x", uint32(s.now().Unix()), 0xa71a5_0000000000+s.lastID)
}
