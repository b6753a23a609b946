package lifecycle

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	ctrlsource "sigs.k8s.io/controller-runtime/pkg/source"
)

// routine is the priority of a poll. Changes that people make precede it.
const routine = handler.LowPriority

// enqueuer puts resources into the queue of their controller for reasons that are no events of the API server.
type enqueuer struct {
	mu    sync.Mutex
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

// source gets hold of the queue when the controller starts.
func (a *enqueuer) source() ctrlsource.Source {
	return ctrlsource.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.queue = queue
		return nil
	})
}

func (a *enqueuer) enqueue(name types.NamespacedName, urgent bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	request := reconcile.Request{NamespacedName: name}
	queue, hasPriorities := a.queue.(priorityqueue.PriorityQueue[reconcile.Request])
	switch {
	case a.queue == nil: // nothing runs yet, so nothing waits
	case hasPriorities && !urgent:
		queue.AddWithOpts(priorityqueue.AddOpts{Priority: new(routine)}, request)
	default:
		a.queue.Add(request)
	}
}
