package atlas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Workspace is a stream workspace, formerly called stream instance, and tenant in the API.
type Workspace struct {
	Name              string `json:"name"`
	DataProcessRegion `json:"dataProcessRegion"`
}

// DataProcessRegion is where a workspace processes data. Regions have Atlas's names (VIRGINIA_USA).
type DataProcessRegion struct {
	CloudProvider string `json:"cloudProvider"`
	Region        string `json:"region"`
}

// Key returns the name.
func (w Workspace) Key() string { return w.Name }

// GetWorkspace reads a stream workspace by its name.
func (c *Client) GetWorkspace(ctx context.Context, projectID, workspace string) (Workspace, error) {
	return one[Workspace](ctx, c, call{
		operation: "GetWorkspace",
		method:    http.MethodGet,
		path:      workspacePath(projectID, workspace),
		accept:    media20230201,
	})
}

// staticStreamsPaths are resources with a fixed path where workspace names are expected. A
// workspace of such a name is unreachable.
var staticStreamsPaths = []string{
	"privateLinkConnections", "accountDetails", "vpcPeeringConnections", "activeVpcPeeringConnections",
}

func workspacePath(projectID, workspace string) path {
	p := streamsPath(projectID).segments("workspace name", workspace)
	if slices.Contains(staticStreamsPaths, workspace) {
		p.err = errors.Join(p.err, fmt.Errorf("%q cannot be a workspace name: Atlas has another resource in its place", workspace))
	}
	return p
}
