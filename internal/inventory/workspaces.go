package inventory

import (
	"context"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// Workspaces keeps where the stream workspaces of a project process their data.
type Workspaces struct{ lookups[atlas.Workspace] }

func newWorkspaces(clk clock.PassiveClock) *Workspaces {
	return &Workspaces{newLookups[atlas.Workspace](clk)}
}

// Known returns the workspace without calling Atlas.
func (w *Workspaces) Known(client *atlas.Client, projectID, workspace string) (atlas.Workspace, bool) {
	entry, fresh := w.entry(keyOf(client, projectID, workspace))
	return entry.value, fresh && entry.found
}

// Get returns the workspace, asking Atlas at most once in a while. False means that it is not to be had now.
func (w *Workspaces) Get(ctx context.Context, client *atlas.Client, projectID, workspace string) (atlas.Workspace, bool) {
	return w.get(keyOf(client, projectID, workspace), func() (atlas.Workspace, error) {
		return client.GetWorkspace(ctx, projectID, workspace)
	})
}

// Forget drops a workspace that Atlas does not have: another one of its name may be somewhere else.
func (w *Workspaces) Forget(client *atlas.Client, projectID, workspace string) {
	w.forget(keyOf(client, projectID, workspace))
}
