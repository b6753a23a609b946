package controller_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv/secrecy"
)

// Every secret of the suite is called planted-something. None may turn up anywhere but in Secrets and in Atlas. The log
// holds all that was ever written; what is left in the API server is looked through once, at the end.
var _ = AfterEach(func() {
	Expect(secrecy.Find(logs.takeNew(), "planted-")).To(BeEmpty(), "in the log")
})

var _ = AfterSuite(func(ctx SpecContext) {
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
		Expect(secrecy.Find(text, "planted-")).To(BeEmpty())
	}
	Expect(secrecy.Find(logs.takeNew(), "planted-")).To(BeEmpty(), "in the log")
	measured, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	Expect(measured).NotTo(BeEmpty())
	Expect(secrecy.Find([]byte(fmt.Sprint(measured)), "planted-")).To(BeEmpty(), "in a metric")
}, NodeTimeout(time.Minute))
