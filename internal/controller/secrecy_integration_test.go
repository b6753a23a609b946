package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Every secret of the suite is called planted-something. None may turn up anywhere but in Secrets and in Atlas.
var _ = ReportAfterEach(func(ctx SpecContext, _ SpecReport) {
	if kube == nil {
		return
	}
	var links v1alpha1.StreamPrivateLinkList
	var connections v1alpha1.StreamConnectionList
	var events eventsv1.EventList
	Expect(kube.List(ctx, &links)).To(Succeed())
	Expect(kube.List(ctx, &connections)).To(Succeed())
	Expect(kube.List(ctx, &events)).To(Succeed())
	var services v1alpha1.PrivateEndpointServiceList
	Expect(kube.List(ctx, &services)).To(Succeed())
	for _, list := range []any{links, connections, services, events} {
		text, err := yaml.Marshal(list)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).NotTo(ContainSubstring("planted-"))
	}
	Expect(logs.String()).NotTo(ContainSubstring("planted-"))
})
