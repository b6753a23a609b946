package lifecycle

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// shard is the part of all resources that this manager handles, cut by labels. Two managers must not work in one
// Atlas project: they could not see each other's resources, and would double what both describe.
type shard struct {
	live       client.Reader
	selector   labels.Selector
	namespaces []string
	kinds      []*Kind

	// alone are the projects that were found to be in this shard only.
	alone sync.Map
}

func newShard(live client.Reader, options Options, kinds []*Kind) *shard {
	namespaces := options.WatchNamespaces
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	return &shard{live: live, selector: options.LabelSelector, namespaces: namespaces, kinds: kinds}
}

// outsider names a resource of the project that another manager handles. The API server is read once per project,
// before the first object there is created or taken over.
func (s *shard) outsider(ctx context.Context, projectID string) (string, error) {
	if _, known := s.alone.Load(projectID); known || s.selector == nil {
		return "", nil
	}
	for _, kind := range s.kinds {
		if kind.ReadOnly {
			continue
		}
		for _, namespace := range s.namespaces {
			found, err := List(ctx, s.live, kind.NewList(), client.InNamespace(namespace), client.MatchingFields{"spec.projectId": projectID})
			if err != nil {
				return "", fmt.Errorf("look for resources of the project in other shards: %w", err)
			}
			for _, resource := range found {
				if !s.selector.Matches(labels.Set(resource.GetLabels())) {
					return NameOf(resource).String(), nil
				}
			}
		}
	}
	s.alone.Store(projectID, true)
	return "", nil
}

// outsideShard is the blocker of a project that two shards handle; nil when only this one does.
func (r *reconciliation) outsideShard(ctx context.Context) (*decision.Decision, error) {
	outsider, err := r.shard.outsider(ctx, r.spec().ProjectID)
	if err != nil || outsider == "" {
		return nil, err
	}
	d := decision.Stall(v1alpha1.ReasonProjectInOtherShard, fmt.Sprintf(
		"%s belongs to the same Atlas project and to the shard of another manager: give all resources of a project labels of one shard.", outsider))
	return &d, nil
}
