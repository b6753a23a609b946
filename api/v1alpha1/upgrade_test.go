package v1alpha1_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/config/crd"
)

// An upgrade may bring a CRD that would refuse objects which are there. They have to stay deletable: an operator that
// cannot take its finalizer off leaves paid objects behind, and a namespace that never goes.
var _ = Describe("An object that a later CRD would refuse", func() {
	const status = requested + ", id: " + linkID + ", ownership: Created"

	valid := map[string]func() *unstructured.Unstructured{
		"StreamPrivateLink": func() *unstructured.Unstructured { return link("AWS MSK") },
		"StreamConnection":  func() *unstructured.Unstructured { return connection("Kafka") },
	}
	for _, kind := range sorted(valid) {
		build := valid[kind]
		// later makes an object, and then refuses it by rule.
		later := func(ctx SpecContext, rule apiextensionsv1.ValidationRule) *unstructured.Unstructured {
			GinkgoHelper()
			definition := copyOfCRD(ctx, kind)
			object := asCopy(build(), definition)
			object.SetFinalizers([]string{v1alpha1.Finalizer})
			stored(ctx, object, status)
			amend(ctx, definition, tighten(rule))
			newcomer := asCopy(build(), definition)
			newcomer.SetNamespace(object.GetNamespace())
			edit(newcomer, "{adoptionPolicy: null, credentialsRef: null}")
			Eventually(func() error { return cluster.Create(ctx, newcomer.DeepCopy(), client.DryRunAll) }).Should(
				beRefusedAlso(cause("spec.projectId", "should match '^later$'"), cause("spec.credentialsRef", "Required value")),
				"the stricter schema is in force")
			edit(newcomer, "{projectId: later, credentialsRef: {name: s}}")
			Expect(cluster.Create(ctx, newcomer.DeepCopy(), client.DryRunAll)).To(
				beRefused(cause("spec", "now refused")), "the new rule is in force")
			return object
		}
		remove := func(ctx SpecContext, object *unstructured.Unstructured, status ...string) {
			GinkgoHelper()
			By("annotating it")
			Expect(cluster.Patch(ctx, object, client.RawPatch(mergePatch, []byte(`{"metadata":{"annotations":{"`+v1alpha1.AnnotationAbandon+`":"true"}}}`)))).To(Succeed())
			By("deleting it")
			Expect(cluster.Delete(ctx, object)).To(Succeed())
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
			Expect(object.GetDeletionTimestamp()).NotTo(BeNil(), "the finalizer keeps it")
			for _, s := range status {
				setStatus(ctx, object, s)
			}
			By("taking the finalizer off")
			object.SetFinalizers(nil)
			Expect(cluster.Update(ctx, object)).To(Succeed())
			Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Satisfy(apierrors.IsNotFound))
		}

		It("can be worked on and deleted: "+kind, func(ctx SpecContext) {
			object := later(ctx, apiextensionsv1.ValidationRule{
				Rule:            "oldSelf.hasValue() && oldSelf.value() == self || self.deletionPolicy == 'Retain'",
				OptionalOldSelf: new(true), Message: "now refused",
			})
			By("writing its status")
			setStatus(ctx, object, "state: DONE, observedGeneration: 1")
			remove(ctx, object, "state: DELETING, observedGeneration: 2")
		})

		// Its status cannot be written before Kubernetes 1.33.
		It("can be deleted when the rule does not say that the unchanged passes: "+kind, func(ctx SpecContext) {
			remove(ctx, later(ctx, apiextensionsv1.ValidationRule{Rule: "self.deletionPolicy == 'Retain'", Message: "now refused"}))
		})
	}

	It("would be stuck if the rule were at the root", func(ctx SpecContext) {
		definition := copyOfCRD(ctx, "StreamConnection")
		object := asCopy(connection("Kafka"), definition)
		object.SetFinalizers([]string{v1alpha1.Finalizer})
		stored(ctx, object, status)
		amend(ctx, definition, func(root *apiextensionsv1.JSONSchemaProps) {
			root.XValidations = append(root.XValidations, apiextensionsv1.ValidationRule{Rule: "has(self.spec.credentialsRef)", Message: "now refused"})
		})
		Eventually(func() error {
			stripped := object.DeepCopy()
			stripped.SetFinalizers(nil)
			return cluster.Update(ctx, stripped, client.DryRunAll)
		}).Should(MatchError(ContainSubstring("now refused")), "this is why no such rule may be there")
	})
})

// The rules of this version may refuse what an older one took.
var _ = Describe("Objects of a version that had no rules", func() {
	for _, of := range []struct {
		kind  string
		build builder
		rules []rule
	}{{"StreamPrivateLink", link, linkRules}, {"StreamConnection", connection, connectionRules}} {
		It("can be deleted, whichever rule they break: "+of.kind, func(ctx SpecContext) {
			definition := copyOfCRD(ctx, of.kind)
			strict := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.DeepCopy()
			amend(ctx, definition, func(root *apiextensionsv1.JSONSchemaProps) {
				root.XValidations = nil
				root.Properties["spec"] = withoutRules(root.Properties["spec"])
			})
			namespace := newNamespace(ctx)
			var objects []*unstructured.Unstructured
			for _, r := range of.rules {
				for _, s := range r.refused {
					object := asCopy(of.build(s.of, s.fragment), definition)
					object.SetNamespace(namespace)
					object.SetFinalizers([]string{v1alpha1.Finalizer})
					Eventually(func() error { return cluster.Create(ctx, object) }, "10s").Should(Succeed(), s.fragment)
					objects = append(objects, object)
				}
			}
			amend(ctx, definition, func(root *apiextensionsv1.JSONSchemaProps) { *root = *strict })
			first := of.rules[0].refused[0]
			newcomer := asCopy(of.build(first.of, first.fragment), definition)
			newcomer.SetNamespace(namespace)
			Eventually(func() error { return cluster.Create(ctx, newcomer.DeepCopy(), client.DryRunAll) }).ShouldNot(Succeed(), "the rules are in force")
			for _, object := range objects {
				By(fmt.Sprint(object.Object["spec"]))
				Expect(cluster.Delete(ctx, object)).To(Succeed())
				Expect(cluster.Patch(ctx, object, client.RawPatch(mergePatch, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
				Expect(cluster.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Satisfy(apierrors.IsNotFound))
			}
		})
	}
})

// withoutRules is a schema that looks at types only.
func withoutRules(schema apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
	schema.XValidations, schema.Pattern, schema.Enum = nil, "", nil
	for name, property := range schema.Properties {
		schema.Properties[name] = withoutRules(property)
	}
	if schema.Items != nil {
		items := withoutRules(*schema.Items.Schema)
		schema.Items = &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &items}
	}
	return schema
}

// copyOfCRD installs a kind a second time in a group of the spec's own, so that its CRD can change while other specs
// work with the real one.
func copyOfCRD(ctx SpecContext, kind string) *apiextensionsv1.CustomResourceDefinition {
	GinkgoHelper()
	definition := shippedCRD(kind)
	namespace := newNamespace(ctx)
	definition.ObjectMeta = metav1.ObjectMeta{Name: definition.Spec.Names.Plural + "." + namespace + ".example.com"}
	definition.Spec.Group = namespace + ".example.com"
	// kubectl would not know which of the two a short name means.
	definition.Spec.Names.ShortNames, definition.Spec.Names.Categories = nil, nil
	definition.Status = apiextensionsv1.CustomResourceDefinitionStatus{}
	Expect(cluster.Create(ctx, definition)).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(cluster.Get(ctx, client.ObjectKeyFromObject(definition), definition)).To(Succeed())
		g.Expect(definition.Status.Conditions).To(ContainElement(And(
			HaveField("Type", apiextensionsv1.Established), HaveField("Status", apiextensionsv1.ConditionTrue))))
	}).Should(Succeed())
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(asCopy(&unstructured.Unstructured{}, definition).GroupVersionKind())
	Eventually(func() error { return cluster.List(ctx, list) }).Should(Succeed(), "the copy is served")
	return definition
}

func shippedCRD(kind string) *apiextensionsv1.CustomResourceDefinition {
	GinkgoHelper()
	definitions, err := crd.All()
	Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		if definition.Spec.Names.Kind == kind {
			return definition
		}
	}
	Fail("no CRD for " + kind)
	return nil
}

// asCopy makes an object one of a copied kind.
func asCopy(object *unstructured.Unstructured, definition *apiextensionsv1.CustomResourceDefinition) *unstructured.Unstructured {
	object.SetAPIVersion(definition.Spec.Group + "/" + v1alpha1.GroupVersion.Version)
	object.SetKind(definition.Spec.Names.Kind)
	return object
}

// tighten makes spec refuse in three ways what it took so far: by a limit, a required member and a rule.
func tighten(rule apiextensionsv1.ValidationRule) func(root *apiextensionsv1.JSONSchemaProps) {
	return func(root *apiextensionsv1.JSONSchemaProps) {
		spec := root.Properties["spec"]
		project := spec.Properties["projectId"]
		project.Pattern = "^later$"
		spec.Properties["projectId"] = project
		spec.Required = append(spec.Required, "credentialsRef")
		spec.XValidations = append(spec.XValidations, rule)
		root.Properties["spec"] = spec
	}
}

func amend(ctx SpecContext, definition *apiextensionsv1.CustomResourceDefinition, change func(root *apiextensionsv1.JSONSchemaProps)) {
	GinkgoHelper()
	Eventually(func() error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(definition), definition); err != nil {
			return err
		}
		change(definition.Spec.Versions[0].Schema.OpenAPIV3Schema)
		return cluster.Update(ctx, definition)
	}).Should(Succeed())
}
