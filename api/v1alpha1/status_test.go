package v1alpha1_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

var _ = Describe("Status", func() {
	valid := map[string]func() *unstructured.Unstructured{
		"StreamPrivateLink":      func() *unstructured.Unstructured { return link("AWS S3") },
		"StreamConnection":       func() *unstructured.Unstructured { return connection("Kafka") },
		"PrivateEndpointService": func() *unstructured.Unstructured { return service("by region") },
	}
	for _, kind := range sorted(valid) {
		build := valid[kind]
		Describe("of a "+kind, func() {
			It("says that nobody has looked yet", func(ctx SpecContext) {
				object := stored(ctx, build(), "")
				Expect(object.Object).To(HaveKeyWithValue("status", map[string]any{"observedGeneration": int64(-1)}))
			})

			It("cannot be set by who creates the object", func(ctx SpecContext) {
				object := build()
				object.Object["status"] = map[string]any{"observedGeneration": int64(7), "id": linkID}
				Expect(stored(ctx, object, "").Object).To(HaveKeyWithValue("status", map[string]any{"observedGeneration": int64(-1)}))
			})

			It("does not move the generation", func(ctx SpecContext) {
				object := stored(ctx, build(), "observedGeneration: 1, id: "+linkID)
				Expect(object.GetGeneration()).To(BeEquivalentTo(1))
			})

			It("takes several conditions of different types, and refuses two of one", func(ctx SpecContext) {
				object := stored(ctx, build(), "")
				condition := func(kind string) map[string]any {
					return map[string]any{"type": kind, "status": "True", "reason": "Because", "message": "", "lastTransitionTime": "2026-01-02T03:04:05Z"}
				}
				write := func(conditions ...any) error {
					update := object.DeepCopy()
					update.Object["status"] = map[string]any{"observedGeneration": int64(1), "conditions": conditions}
					return cluster.Status().Update(ctx, update, client.DryRunAll)
				}
				Expect(write(condition("Ready"), condition("Synced"))).To(Succeed())
				Expect(write(condition("Ready"), condition("Ready"))).To(beRefused(cause("status.conditions[1]", `{"type":"Ready"}`)))
			})
		})
	}

	DescribeTable("comes with defaults for every policy", func(ctx SpecContext, build func() *unstructured.Unstructured) {
		Expect(stored(ctx, build(), "").Object).To(HaveKeyWithValue("spec", And(
			HaveKeyWithValue("managementPolicy", "Manage"), HaveKeyWithValue("deletionPolicy", "Delete"),
			HaveKeyWithValue("driftPolicy", "Correct"), HaveKeyWithValue("adoptionPolicy", "IfMatches"),
		)))
	},
		Entry("of a StreamPrivateLink", valid["StreamPrivateLink"]),
		Entry("of a StreamConnection", valid["StreamConnection"]),
	)

	It("keeps the microseconds of a claim", func(ctx SpecContext) {
		object := stored(ctx, link("AWS S3"), requested)
		read := &v1alpha1.StreamPrivateLink{}
		Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), read)).To(Succeed())
		Expect(read.Status.CreateRequestedAt.Time.Nanosecond()).To(Equal(6000))
		Expect(read.Status.OpenClaim()).To(BeTrue())
		Expect(read.Status.Owned()).To(BeFalse())
	})

	It("always says which generation it speaks of", func(ctx SpecContext) {
		object := stored(ctx, connection("Kafka"), "")
		typed := &v1alpha1.StreamConnection{}
		Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), typed)).To(Succeed())
		typed.Status.ObservedGeneration = 0
		Expect(cluster.Status().Update(ctx, typed)).To(Succeed())
		Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
		Expect(object.Object).To(HaveKeyWithValue("status", HaveKeyWithValue("observedGeneration", int64(0))))
	})

	It("names at most 20 users of a link", func(ctx SpecContext) {
		object := stored(ctx, link("AWS S3"), "")
		write := func(users int) error {
			typed := &v1alpha1.StreamPrivateLink{}
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), typed)).To(Succeed())
			for i := range users {
				typed.Status.UsedBy = append(typed.Status.UsedBy, fmt.Sprintf("shop/orders-%d", i))
			}
			return cluster.Status().Update(ctx, typed, client.DryRunAll)
		}
		Expect(write(20)).To(Succeed())
		Expect(write(21)).To(beRefusedAlso(cause("status.usedBy", "must have at most 20 items")))
	})

	It("knows each Secret of a connection by its name", func(ctx SpecContext) {
		object := stored(ctx, connection("Kafka"), "secretVersions: [{name: a, digest: x}, {name: b, digest: x}]")
		write := func(versions ...v1alpha1.SecretVersion) error {
			typed := &v1alpha1.StreamConnection{}
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), typed)).To(Succeed())
			typed.Status.SecretVersions = versions
			return cluster.Status().Update(ctx, typed, client.DryRunAll)
		}
		Expect(write(v1alpha1.SecretVersion{Name: "a"}, v1alpha1.SecretVersion{Name: "c"})).To(Succeed())
		Expect(write(v1alpha1.SecretVersion{Name: "a"}, v1alpha1.SecretVersion{Name: "a"})).
			To(beRefused(cause("status.secretVersions[1]", `{"name":"a"}`)))
		unnamed := object.DeepCopy()
		unnamed.Object["status"] = map[string]any{"secretVersions": []any{map[string]any{"uid": "u"}}}
		Expect(cluster.Status().Update(ctx, unnamed, client.DryRunAll)).
			To(beRefusedAlso(cause("status.secretVersions[0].name", "Required value")))
	})
})

var _ = Describe("An object without a spec", func() {
	DescribeTable("is refused", func(ctx SpecContext, kind string) {
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		object.SetName("empty")
		object.SetNamespace(metav1.NamespaceDefault)
		Expect(cluster.Create(ctx, object, client.DryRunAll)).To(beRefusedAlso(cause("spec", "Required value")))
	}, Entry(nil, "StreamPrivateLink"), Entry(nil, "StreamConnection"), Entry(nil, "PrivateEndpointService"))
})
