package operatortest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

const (
	// defaultPatience bounds a wait whose context has no deadline.
	defaultPatience = time.Minute
	pollInterval    = 50 * time.Millisecond
)

// WaitReady waits until a resource is Ready for its present generation, and leaves what it read last in obj. Only name
// and namespace of obj have to be set. It fails t at once when the resource is Stalled, and when ctx ends, or after a
// minute where ctx has no deadline; the failure shows the conditions and the last events. A resource that does not exist
// yet is waited for. Resources of other kinds with conditions can be waited for too.
//
// A resource that was Stalled for a reason outside of it, mended since, is Stalled until the operator has seen that:
// wait by WaitReason first.
func WaitReady(ctx context.Context, t TB, c client.Client, obj client.Object) {
	t.Helper()
	w := newWait(c, obj, "Ready")
	if failure := w.until(ctx, func() (bool, string) {
		if stalled := w.current(v1alpha1.ConditionStalled); stalled != nil && stalled.Status == metav1.ConditionTrue {
			return false, "is stalled: " + stalled.Reason + ": " + stalled.Message
		}
		ready := w.current(v1alpha1.ConditionReady)
		return ready != nil && ready.Status == metav1.ConditionTrue, ""
	}); failure != "" {
		t.Fatalf("%s", failure)
	}
}

// WaitReason waits until a condition of a resource has a reason for the present generation: SecretNotFound of Ready, or
// Failed of Stalled. It is like WaitReady otherwise, but that Stalled does not end it.
func WaitReason(ctx context.Context, t TB, c client.Client, obj client.Object, condition, reason string) {
	t.Helper()
	w := newWait(c, obj, condition+" "+reason)
	if failure := w.until(ctx, func() (bool, string) {
		found := w.current(condition)
		return found != nil && found.Reason == reason, ""
	}); failure != "" {
		t.Fatalf("%s", failure)
	}
}

// WaitGone waits until a resource no longer exists, which after its deletion means that Atlas has deleted its object. It
// is like WaitReady otherwise, but that Stalled does not end it.
func WaitGone(ctx context.Context, t TB, c client.Client, obj client.Object) {
	t.Helper()
	w := newWait(c, obj, "gone")
	if failure := w.until(ctx, func() (bool, string) { return apierrors.IsNotFound(w.err), "" }); failure != "" {
		t.Fatalf("%s", failure)
	}
}

// wait is one wait for a resource.
type wait struct {
	client client.Client
	object client.Object
	want   string

	// What the last look has found.
	conditions []metav1.Condition
	err        error
}

func newWait(c client.Client, obj client.Object, want string) *wait {
	return &wait{client: c, object: obj, want: want}
}

// until looks until done says so or that it is hopeless, and returns the failure, empty for none.
func (w *wait) until(ctx context.Context, done func() (ok bool, hopeless string)) string {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultPatience)
		defer cancel()
	}
	started := time.Now()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		w.observe(ctx)
		ok, hopeless := done()
		switch {
		case ok:
			return ""
		case hopeless != "":
			return w.describe(ctx, hopeless)
		case runtime.IsNotRegisteredError(w.err):
			return w.err.Error()
		}
		select {
		case <-ctx.Done():
			return w.describe(ctx, fmt.Sprintf("is not %s after %s (%v)", w.want, time.Since(started).Round(time.Millisecond), ctx.Err()))
		case <-ticker.C:
		}
	}
}

// observe reads the resource. At the end of the context it keeps what it knows.
func (w *wait) observe(ctx context.Context) {
	err := w.client.Get(ctx, client.ObjectKeyFromObject(w.object), w.object)
	if err != nil && ctx.Err() != nil {
		return
	}
	w.err, w.conditions = err, nil
	if err != nil {
		return
	}
	var read struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	data, err := json.Marshal(w.object)
	if err == nil {
		err = json.Unmarshal(data, &read)
	}
	w.err, w.conditions = err, read.Status.Conditions
}

// current is a condition unless it is about an older generation. Kinds that do not say which have current ones.
func (w *wait) current(kind string) *metav1.Condition {
	condition := meta.FindStatusCondition(w.conditions, kind)
	if condition == nil || (condition.ObservedGeneration != 0 && condition.ObservedGeneration != w.object.GetGeneration()) {
		return nil
	}
	return condition
}
