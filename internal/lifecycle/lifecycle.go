// Package lifecycle brings Atlas in line with resources of any kind.
//
// A reconciliation observes (observe.go), decides without any I/O what to do (package decision), sends at most one write
// to Atlas (create.go, change.go) and writes the status once (status.go). What differs between kinds is in Kind and Remote;
// the kinds are in internal/kinds.
//
// The promises: an object is never made twice, because a claim is written to the status before every POST and an
// unknown outcome is resolved by lists and time; an object is never lost, because the finalizer is there before the
// first write and goes only when the object is certainly absent; an error is never taken for absence.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Managed is a resource of any of our kinds.
type Managed = v1alpha1.Managed

// lifecycle is what the controllers of all kinds share.
type lifecycle struct {
	client      client.Client
	live        client.Reader
	credentials *credentials.Store
	inventory   *inventory.Inventory
	events      *eventWriter
	options     Options
	kinds       []*Kind
	// alone are the projects that were found to be in this shard only.
	alone *sync.Map
	locks *locks

	// The rest belongs to one kind.
	kind    *Kind
	owners  *owners
	tracker *tracker
	limiter *limiter
	// queue is that of the controller, once it has started.
	queue priorityqueue.PriorityQueue[reconcile.Request]
}

// reconcile runs one reconciliation. A resource without a free slot is enqueued later.
func (l *lifecycle) reconcile(ctx context.Context, object Managed) (ctrl.Result, error) {
	key, urgent := object.GetNamespace()+"/"+l.kind.limiterKey(object), isUrgent(object)
	if !l.limiter.begin(key, NameOf(object), urgent) {
		return ctrl.Result{}, nil
	}
	defer l.limiter.end(key, object.GetNamespace())
	// What only reads can go on with what was.
	if !l.kind.ReadOnly && l.tracker.version(NameOf(object)).behind(object.GetResourceVersion()) {
		newest, err := l.readLive(ctx, object)
		if err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
		object = newest
	}
	r := l.newReconciliation(ctx, object)
	pause, err := r.run(ctx)
	saveErr := r.save(ctx)
	conflict := err == nil && apierrors.IsConflict(saveErr) || apierrors.IsConflict(err)
	err = errors.Join(err, saveErr)
	switch {
	case conflict:
		// Nothing was lost. The next reconciliation starts from the newer object: one that started from a cache that stays
		// behind would send the same to Atlas again, and fail to save that again.
		if !l.kind.ReadOnly {
			_, _ = l.readLive(ctx, object)
		}
		r.log.V(1).Info("Object changed meanwhile, trying again", "failure", err.Error())
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	case apierrors.IsNotFound(err) && object.GetDeletionTimestamp() != nil:
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	result := ctrl.Result{RequeueAfter: pause}
	if !isUrgent(r.Object) {
		result.Priority = new(routine)
	}
	return result, nil
}

// readLive reads a resource from the API server. From then on a cache with an older version counts as behind. The version
// that was read replaces the last one also where it is older, as after a restore of etcd.
func (l *lifecycle) readLive(ctx context.Context, object Managed) (Managed, error) {
	newest := l.kind.New()
	if err := l.live.Get(ctx, NameOf(object), newest); err != nil {
		return nil, fmt.Errorf("read the resource from the API server: %w", err)
	}
	l.tracker.version(NameOf(object)).end(newest.GetResourceVersion(), l.options.Clock.Now())
	return newest, nil
}

// outsideShard is the blocker of a project that two shards handle; nil when only this one does, and for deletions. Two
// managers must not work in one project: they could not see each other's resources, and would double what both describe.
func (r *reconciliation) outsideShard(ctx context.Context) (*decision.Decision, error) {
	outsider, err := r.outsider(ctx, r.spec().ProjectID)
	if err != nil || outsider == "" || r.Object.GetDeletionTimestamp() != nil {
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
