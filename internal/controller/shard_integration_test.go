package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// A shard finds the resources of a project that another manager handles by this selector.
var _ = It("lets the API server select resources by their project", func(ctx SpecContext) {
	t := newTenant(ctx)
	create(ctx, t.link("link"), t.https("connection"))
	inProject := client.MatchingFields{"spec.projectId": t.project}
	var links v1alpha1.StreamPrivateLinkList
	Expect(kube.List(ctx, &links, inProject)).To(Succeed())
	Expect(links.Items).To(HaveLen(1))
	var connections v1alpha1.StreamConnectionList
	Expect(kube.List(ctx, &connections, inProject)).To(Succeed())
	Expect(connections.Items).To(HaveLen(1))
}, SpecTimeout(30*time.Second))
