package controller_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

type resource interface {
	client.Object
	v1alpha1.Managed
}

// create creates resources and returns when the API server has them.
func create(ctx context.Context, resources ...client.Object) {
	GinkgoHelper()
	for _, r := range resources {
		Expect(kube.Create(ctx, r)).To(Succeed())
	}
}

// edit changes a resource, again while others change it at the same time.
func edit[R resource](ctx context.Context, r R, change func(R)) {
	GinkgoHelper()
	Eventually(func() error {
		if err := kube.Get(ctx, client.ObjectKeyFromObject(r), r); err != nil {
			return err
		}
		change(r)
		return kube.Update(ctx, r)
	}).WithContext(ctx).Should(Succeed())
}

// fresh reads a resource again.
func fresh[R resource](ctx context.Context, r R) R {
	GinkgoHelper()
	Expect(kube.Get(ctx, client.ObjectKeyFromObject(r), r)).To(Succeed())
	return r
}

// condition waits until a condition of the resource's generation matches: "True Done", or "False SecretNotFound".
func condition(ctx context.Context, r resource, kind string, statusAndReason string, message ...types.GomegaMatcher) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(r), r)).To(Succeed())
		found := meta.FindStatusCondition(r.GetManagedStatus().Conditions, kind)
		g.Expect(found).NotTo(BeNil(), "no condition %s in %s", kind, describe(r))
		g.Expect(string(found.Status)+" "+found.Reason).To(Equal(statusAndReason), describe(r))
		g.Expect(found.ObservedGeneration).To(Equal(r.GetGeneration()), describe(r))
		for _, m := range message {
			g.Expect(found.Message).To(m)
		}
	}).WithContext(ctx).Should(Succeed())
}

// ready waits for Ready with that status and reason.
func ready(ctx context.Context, r resource, statusAndReason string, message ...types.GomegaMatcher) {
	GinkgoHelper()
	condition(ctx, r, v1alpha1.ConditionReady, statusAndReason, message...)
}

// gone waits until the API server no longer has the resource.
func gone(ctx context.Context, r resource) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		err := kube.Get(ctx, client.ObjectKeyFromObject(r), r)
		g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "still there: %s", describe(r))
	}).WithContext(ctx).Should(Succeed())
}

func hasCondition(r resource, kind string) bool {
	return meta.FindStatusCondition(r.GetManagedStatus().Conditions, kind) != nil
}

// describe shows a status in a few lines.
func describe(r resource) string {
	status := r.GetManagedStatus()
	lines := []string{fmt.Sprintf("%s generation=%d observed=%d id=%q state=%q ownership=%q", r.GetName(), r.GetGeneration(),
		status.ObservedGeneration, status.ID, status.State, status.Ownership)}
	for _, c := range status.Conditions {
		lines = append(lines, fmt.Sprintf("  %s=%s %s (%d): %s", c.Type, c.Status, c.Reason, c.ObservedGeneration, c.Message))
	}
	return strings.Join(lines, "\n")
}

// eventReasons are the reasons of the events about a resource.
func eventReasons(ctx context.Context, r resource) []string {
	GinkgoHelper()
	var list eventsv1.EventList
	Expect(kube.List(ctx, &list, client.InNamespace(r.GetNamespace()))).To(Succeed())
	var reasons []string
	for _, e := range list.Items {
		if e.Regarding.Name == r.GetName() {
			reasons = append(reasons, e.Reason)
		}
	}
	return reasons
}

// annotate sets an annotation.
func annotate[R resource](ctx context.Context, r R, key, value string) {
	GinkgoHelper()
	edit(ctx, r, func(r R) {
		metav1.SetMetaDataAnnotation(objectMeta(r), key, value)
	})
}

func objectMeta(r resource) *metav1.ObjectMeta {
	switch r := r.(type) {
	case *v1alpha1.StreamPrivateLink:
		return &r.ObjectMeta
	case *v1alpha1.StreamConnection:
		return &r.ObjectMeta
	}
	return nil
}
