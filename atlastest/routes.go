package atlastest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Versions of the endpoints, as in their media types.
const (
	version20230101 = "2023-01-01"
	version20230201 = "2023-02-01"
	version20241113 = "2024-11-13"
	version20250312 = "2025-03-12"
)

// handler implements an operation. It is called with the server's lock held, after all generic checks. If err is set,
// the other results are ignored.
type handler func(s *Server, c *call) (status int, body any, err *apiError)

type route struct {
	op      Operation
	set     *endpointSet // nil for the token service
	method  string
	pattern string
	version string   // empty for plain JSON of the unversioned API
	query   []string // parameters in addition to pretty and envelope
	handle  handler
}

const (
	groupsPath      = "/api/atlas/v2/groups"
	groupBase       = groupsPath + "/{project}"
	linksPath       = groupBase + "/streams/privateLinkConnections"
	linkPath        = linksPath + "/{target}"
	workspacesPath  = groupBase + "/streams"
	workspacePath   = workspacesPath + "/{workspace}"
	connectionsPath = workspacePath + "/connections"
	connectionPath  = connectionsPath + "/{target}"
	accountPath     = groupBase + "/streams/accountDetails"
	servicesPath    = groupBase + "/privateEndpoint/{provider}/endpointService"
	servicePath     = servicesPath + "/{target}"
	v1Base          = "/api/atlas/v1.0/"
	v1EndpointsPath = v1Base + "groups/{project}/privateEndpoint"
	tokenPath       = "/api/oauth/token"
	revokePath      = "/api/oauth/revoke"
)

var (
	pageQuery    = []string{"pageNum", "itemsPerPage", "includeCount"}
	accountQuery = []string{"cloudProvider", "regionName"}
)

// routes lists all endpoints. Put the handlers of a new resource into a file of their own.
var routes = []route{
	{OpListPrivateLinks, streamsSet, http.MethodGet, linksPath, version20230201, pageQuery, listPrivateLinks},
	{OpCreatePrivateLink, streamsSet, http.MethodPost, linksPath, version20230201, nil, createPrivateLink},
	{OpGetPrivateLink, streamsSet, http.MethodGet, linkPath, version20230201, nil, getPrivateLink},
	{OpUpdatePrivateLink, streamsSet, http.MethodPatch, linkPath, version20250312, nil, updatePrivateLink},
	{OpDeletePrivateLink, streamsSet, http.MethodDelete, linkPath, version20230201, nil, deletePrivateLink},

	{OpListProjects, groupsSet, http.MethodGet, groupsPath, version20230101, pageQuery, listProjects},
	{OpGetProject, groupsSet, http.MethodGet, groupBase, version20230101, nil, getProject},

	{OpListWorkspaces, streamsSet, http.MethodGet, workspacesPath, version20230201, pageQuery, listWorkspaces},
	{OpCreateWorkspace, streamsSet, http.MethodPost, workspacesPath, version20230201, nil, createWorkspace},
	{OpUpdateWorkspace, streamsSet, http.MethodPatch, workspacePath, version20230201, nil, updateWorkspace},
	{OpDeleteWorkspace, streamsSet, http.MethodDelete, workspacePath, version20230201, nil, deleteWorkspace},
	{OpGetWorkspace, streamsSet, http.MethodGet, workspacePath, version20230201, []string{"includeConnections"}, getWorkspace},
	{OpGetAccountDetails, streamsSet, http.MethodGet, accountPath, version20241113, accountQuery, getAccountDetails},

	{OpListConnections, streamsSet, http.MethodGet, connectionsPath, version20230201, pageQuery, listConnections},
	{OpCreateConnection, streamsSet, http.MethodPost, connectionsPath, version20230201, nil, createConnection},
	{OpGetConnection, streamsSet, http.MethodGet, connectionPath, version20230201, nil, getConnection},
	{OpUpdateConnection, streamsSet, http.MethodPatch, connectionPath, version20230201, nil, updateConnection},
	{OpDeleteConnection, streamsSet, http.MethodDelete, connectionPath, version20230201, nil, deleteConnection},

	{OpListPrivateEndpointServices, endpointsSet, http.MethodGet, servicesPath, version20230101, nil, listPrivateEndpointServices},
	{OpGetPrivateEndpointService, endpointsSet, http.MethodGet, servicePath, version20230101, nil, getPrivateEndpointService},
	{OpListPrivateEndpointsV1, endpointsSet, http.MethodGet, v1EndpointsPath, "", pageQuery, listPrivateEndpointsV1},

	{OpToken, nil, http.MethodPost, tokenPath, "", nil, issueToken},
	{OpRevoke, nil, http.MethodPost, revokePath, "", nil, revokeToken},
}

// javaMethods are the method names that differ from the published operation names.
var javaMethods = map[Operation]string{
	OpListPrivateLinks: "getPrivateLinkConnections",
	OpListConnections:  "getConnections",
	OpCreateConnection: "createConnection",
	OpGetConnection:    "getConnection",
	OpUpdateConnection: "updateConnection",
	OpDeleteConnection: "deleteConnection",
	OpListWorkspaces:   "getTenants",
	OpCreateWorkspace:  "createTenant",
	OpGetWorkspace:     "getTenant",
	OpUpdateWorkspace:  "updateTenant",
	OpDeleteWorkspace:  "deleteTenant",

	OpGetPrivateEndpointService:   "getEndPointService",
	OpListPrivateEndpointServices: "getEndPointServices",
}

func (o Operation) javaMethod() string {
	if name, ok := javaMethods[o]; ok {
		return name
	}
	return string(o)
}

// staticResources are resources with a fixed path where workspace names are expected.
var staticResources = []string{
	"privateLinkConnections", "accountDetails", "vpcPeeringConnections", "activeVpcPeeringConnections",
}

// oauth reports whether the route belongs to the token service, which has its own authentication and errors.
func (r *route) oauth() bool { return r.set == nil }

func (r *route) writes() bool { return r.method != http.MethodGet && !r.oauth() }

// findRoute returns the route of a request and its path parameters. If the path supports only other methods, it
// returns these.
func findRoute(method, escapedPath string) (found *route, params map[string]string, allowed []string) {
	for i := range routes {
		match, ok := matchPath(routes[i].pattern, escapedPath)
		switch {
		case !ok:
		case routes[i].method == method:
			return &routes[i], match, nil
		default:
			params = match
			allowed = append(allowed, routes[i].method)
		}
	}
	slices.Sort(allowed)
	return nil, params, allowed
}

// matchPath splits before it unescapes, so that an escaped slash stays in its segment.
func matchPath(pattern, escapedPath string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params := map[string]string{}
	for i := range want {
		name, isParam := strings.CutPrefix(want[i], "{")
		if !isParam {
			if want[i] != got[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(got[i])
		name = strings.TrimSuffix(name, "}")
		if err != nil || value == "" || name == "workspace" && slices.Contains(staticResources, value) {
			return nil, false
		}
		params[name] = value
	}
	return params, true
}
