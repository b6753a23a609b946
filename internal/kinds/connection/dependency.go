package connection

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// dependency is what the referenced link lets a connection do.
type dependency struct {
	// linkID is the Atlas id of the link; it may be known before the link is Ready.
	linkID string
	// link is nil without a reference, and while there is none of that name and project.
	link *v1alpha1.StreamPrivateLink
	// gate keeps the connection from being created; nil when the link is Ready.
	gate *decision.Blocker
	// condition is for DependenciesReady; nil without a reference.
	condition *decision.Condition
	// unwatched: the link is not among those that this manager watches.
	unwatched bool
}

// depend looks at the link that the connection refers to. Live reads the API server itself, right before a creation.
func (e *remote) depend(ctx context.Context, live bool) (dependency, error) {
	networking := e.connection().Spec.Networking
	if networking == nil || networking.PrivateLinkRef == nil {
		return dependency{}, nil
	}
	name := types.NamespacedName{Namespace: e.connection().Namespace, Name: networking.PrivateLinkRef.Name}
	reader := e.Reader
	if live {
		reader = e.Live
	}
	link := &v1alpha1.StreamPrivateLink{}
	err := reader.Get(ctx, name, link)
	unwatched := false
	if err != nil && !live && apierrors.IsNotFound(err) {
		// It may be outside of what this manager watches.
		err = e.Live.Get(ctx, name, link)
		unwatched = err == nil
	}
	switch {
	case apierrors.IsNotFound(err):
		return gated("", &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonLinkNotFound,
			Message: fmt.Sprintf("StreamPrivateLink %s does not exist: create it.", name.Name)}), nil
	case err != nil:
		return dependency{}, fmt.Errorf("read StreamPrivateLink %s: %w", name, err)
	}
	judged := judgeLink(link, e.connection().Spec.ProjectID)
	if link.Spec.ProjectID == e.connection().Spec.ProjectID {
		judged.link = link
	}
	if judged.unwatched = unwatched; unwatched && judged.gate != nil {
		judged.gate.Watched = false
	}
	return judged, nil
}

// judgeLink decides what a link lets a connection of that project do.
func judgeLink(link *v1alpha1.StreamPrivateLink, projectID string) dependency {
	id := link.Status.ID
	ready := meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionReady)
	isReady := id != "" && ready != nil && ready.Status == decision.StatusTrue && ready.ObservedGeneration == link.Generation
	switch {
	case link.Spec.ProjectID != projectID:
		return gated("", &decision.Blocker{Effect: decision.Missing, Stalled: true, Reason: v1alpha1.ReasonProjectMismatch,
			Message: fmt.Sprintf("StreamPrivateLink %s belongs to the Atlas project %s and this connection to %s: refer to a link of the same project.", link.Name, link.Spec.ProjectID, projectID)})
	case link.DeletionTimestamp != nil:
		return gated(id, &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonLinkDeleting,
			Message: fmt.Sprintf("StreamPrivateLink %s is being deleted: create it again, or refer to another one.", link.Name)})
	case isReady:
		return dependency{linkID: id, condition: decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonLinkReady, fmt.Sprintf("StreamPrivateLink %s is Ready.", link.Name))}
	case meta.IsStatusConditionTrue(link.Status.Conditions, v1alpha1.ConditionStalled):
		return gated(id, &decision.Blocker{Effect: decision.Missing, Stalled: true, Reason: v1alpha1.ReasonDependencyStalled,
			Message: fmt.Sprintf("StreamPrivateLink %s is stalled (%s): see its conditions.", link.Name, lifecycle.ReasonOf(ready))})
	default:
		return gated(id, &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonLinkNotReady,
			Message: fmt.Sprintf("Waiting for StreamPrivateLink %s to become Ready.", link.Name)})
	}
}

// gated: the watch of links wakes the connection when the link changes.
func gated(linkID string, b *decision.Blocker) dependency {
	b.Watched = true
	return dependency{linkID: linkID, gate: b, condition: decision.NewCondition(decision.StatusFalse, b.Reason, b.Message)}
}
