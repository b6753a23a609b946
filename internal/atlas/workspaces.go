package atlas

import (
	"context"
	"net/http"
)

// Workspace is a stream workspace, formerly called stream instance, and tenant in the API.
type Workspace struct {
	ID        string
	Name      string
	ProjectID string
	Hostnames []string
	// CloudProvider and Region are where the workspace processes data. Regions have Atlas's names
	// (VIRGINIA_USA).
	CloudProvider string
	Region        string
}

// GetWorkspace reads a stream workspace by its name.
func (c *Client) GetWorkspace(ctx context.Context, projectID, workspace string) (Workspace, error) {
	return one(ctx, c, call{
		operation: "GetWorkspace",
		method:    http.MethodGet,
		path:      workspacePath(projectID, workspace),
		accept:    media20230201,
	}, workspaceWire.workspace)
}

// staticStreamsPaths are resources with a fixed path where workspace names are expected. A
// workspace of such a name is unreachable.
var staticStreamsPaths = []string{
	"privateLinkConnections", "accountDetails", "vpcPeeringConnections", "activeVpcPeeringConnections",
}

func workspacePath(projectID, workspace string) path {
	return streamsPath(projectID).except("workspace name", workspace, staticStreamsPaths).
		segments("workspace name", workspace)
}

type workspaceWire struct {
	ID                string   `json:"_id"`
	Name              string   `json:"name"`
	GroupID           string   `json:"groupId"`
	Hostnames         []string `json:"hostnames"`
	DataProcessRegion struct {
		CloudProvider string `json:"cloudProvider"`
		Region        string `json:"region"`
	} `json:"dataProcessRegion"`
}

func (w workspaceWire) workspace() (Workspace, string) {
	return Workspace{
		ID:            w.ID,
		Name:          w.Name,
		ProjectID:     w.GroupID,
		Hostnames:     w.Hostnames,
		CloudProvider: w.DataProcessRegion.CloudProvider,
		Region:        w.DataProcessRegion.Region,
	}, w.Name
}
