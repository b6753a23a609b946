package inventory

import (
	"context"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// Workspaces caches where the stream workspaces of a project process data.
type Workspaces struct{ lookups[atlas.Workspace] }

func newWorkspaces(clk clock.PassiveClock) *Workspaces {
	return &Workspaces{newLookups[atlas.Workspace](clk)}
}

// Known returns the workspace without calling Atlas.
func (w *Workspaces) Known(client *atlas.Client, projectID, workspace string) (atlas.Workspace, bool) {
	entry, fresh := w.entry(keyOf(client, projectID, workspace))
	return entry.value, fresh && entry.found
}

// Get returns the workspace and calls Atlas only if it is not cached. False means that it is unavailable now.
func (w *Workspaces) Get(ctx context.Context, client *atlas.Client, projectID, workspace string) (atlas.Workspace, bool) {
	return w.get(keyOf(client, projectID, workspace), func() (atlas.Workspace, error) {
		return client.GetWorkspace(ctx, projectID, workspace)
	})
}

// Forget drops a workspace that no longer exists: a new one of the same name may be in another region.
func (w *Workspaces) Forget(client *atlas.Client, projectID, workspace string) {
	w.forget(keyOf(client, projectID, workspace))
}
