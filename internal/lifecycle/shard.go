package lifecycle

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// outsideShard is the blocker of a project that two shards handle; nil when only this one does. Two managers must not
// work in one project: they could not see each other's resources, and would double what both describe.
func (r *reconciliation) outsideShard(ctx context.Context) (*decision.Decision, error) {
	outsider, err := r.outsider(ctx, r.spec().ProjectID)
	if err != nil || outsider == "" {
		return nil, err
	}
	d := decision.Stall(v1alpha1.ReasonProjectInOtherShard, fmt.Sprintf(
		"%s belongs to the same Atlas project and to the shard of another manager: give all resources of a project labels of one shard.", outsider))
	return &d, nil
}

// outsider names a resource of the project that another manager handles. The API server is read once per project,
// before the first object there is created or taken over.
func (l *lifecycle) outsider(ctx context.Context, projectID string) (string, error) {
	selector := l.options.LabelSelector
	if _, known := l.alone.Load(projectID); known || selector == nil {
		return "", nil
	}
	namespaces := l.options.WatchNamespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, kind := range l.kinds {
		if kind.ReadOnly {
			continue
		}
		for _, namespace := range namespaces {
			found, err := List(ctx, l.live, kind.NewList(), client.InNamespace(namespace), client.MatchingFields{"spec.projectId": projectID})
			if err != nil {
				return "", fmt.Errorf("look for resources of the project in other shards: %w", err)
			}
			for _, resource := range found {
				if !selector.Matches(labels.Set(resource.GetLabels())) {
					return NameOf(resource).String(), nil
				}
			}
		}
	}
	l.alone.Store(projectID, true)
	return "", nil
}
