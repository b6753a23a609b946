package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/atlasstreams/operator/internal/controller"
)

var _ = It("finds a resource of the same project in another shard", func(ctx SpecContext) {
	t := newTenant(ctx)
	selector := labels.SelectorFromSet(labels.Set{"shard": "a"})
	mine, other := t.link("mine"), t.https("other")
	mine.Labels = map[string]string{"shard": "a"}
	create(ctx, mine)
	Expect(controller.Outsider(ctx, kube, selector, t.project)).To(BeEmpty())
	create(ctx, other)
	Expect(controller.Outsider(ctx, kube, selector, t.project)).To(Equal(t.namespace + "/other"))
	Expect(controller.Outsider(ctx, kube, nil, t.project)).To(BeEmpty())
	Expect(controller.Outsider(ctx, kube, selector, "0123456789abcdef01234567")).To(BeEmpty())
}, SpecTimeout(30*time.Second))
