package v1alpha1_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// admit asks the API server whether it would take a new object. Nothing is stored.
func admit(ctx SpecContext, object *unstructured.Unstructured) error {
	object = object.DeepCopy()
	object.SetNamespace(metav1.NamespaceDefault)
	return cluster.Create(ctx, object, client.DryRunAll)
}

// stored creates an object in a namespace of its own, with a status when one is given.
func stored(ctx SpecContext, object *unstructured.Unstructured, status string) *unstructured.Unstructured {
	GinkgoHelper()
	object.SetNamespace(newNamespace(ctx))
	Expect(cluster.Create(ctx, object)).To(Succeed())
	if status != "" {
		setStatus(ctx, object, status)
	}
	return object
}

// setStatus merges YAML into the status, through the status subresource as the operator does.
func setStatus(ctx SpecContext, object *unstructured.Unstructured, status string) {
	GinkgoHelper()
	patch, err := yaml.YAMLToJSONStrict([]byte("status: {" + status + "}"))
	Expect(err).NotTo(HaveOccurred(), status)
	Expect(cluster.Status().Patch(ctx, object, client.RawPatch(mergePatch, patch))).To(Succeed())
}

const mergePatch = "application/merge-patch+json"

// change asks the API server whether it would take an edit of a stored object. Nothing is stored.
func change(ctx SpecContext, object *unstructured.Unstructured, fragments ...string) error {
	GinkgoHelper()
	object = object.DeepCopy()
	for _, fragment := range fragments {
		edit(object, fragment)
	}
	return cluster.Update(ctx, object, client.DryRunAll)
}

// beRefused matches an error of the API server that has exactly these causes.
func beRefused(causes ...gomegatypes.GomegaMatcher) gomegatypes.GomegaMatcher {
	return WithTransform(causesOf, ConsistOf(causes))
}

// beRefusedAlso matches an error of the API server that has these causes, and perhaps others that follow from them.
func beRefusedAlso(causes ...gomegatypes.GomegaMatcher) gomegatypes.GomegaMatcher {
	return WithTransform(causesOf, ContainElements(causes))
}

// cause matches one cause of a refusal: the field that it names, and the end of its message.
func cause(field, message string) gomegatypes.GomegaMatcher {
	return And(HavePrefix(field+": "), HaveSuffix(message))
}

// causesOf returns "field: message" for every cause of a refusal; the bare error when it is none.
func causesOf(err error) []string {
	if err == nil {
		return nil
	}
	if !apierrors.IsInvalid(err) {
		return []string{"not a refusal: " + err.Error()}
	}
	status, ok := err.(apierrors.APIStatus)
	if !ok || status.Status().Details == nil {
		return []string{"a refusal without causes: " + err.Error()}
	}
	var causes []string
	for _, cause := range status.Status().Details.Causes {
		causes = append(causes, cause.Field+": "+strings.TrimSpace(cause.Message))
	}
	return causes
}
