package charts_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// objects are those of a manifest.
type objects []*unstructured.Unstructured

func decode(t *testing.T, manifest string) objects {
	t.Helper()
	g := NewWithT(t)
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(manifest)), 4096)
	var all objects
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return all
		}
		g.Expect(err).NotTo(HaveOccurred(), manifest)
		if len(object.Object) > 0 {
			all = append(all, object)
		}
	}
}

// template renders a chart.
func template(t *testing.T, release, chart, namespace string, args ...string) objects {
	t.Helper()
	return decode(t, world.mustHelm(t, append([]string{"template", release, chart, "--namespace", namespace}, args...)...))
}

// ofKind are the objects of one kind.
func (o objects) ofKind(kind string) objects {
	var found objects
	for _, object := range o {
		if object.GetKind() == kind {
			found = append(found, object)
		}
	}
	return found
}

// names are KIND/NAME, with NAMESPACE/ in front where there is one.
func (o objects) names() []string {
	names := make([]string, 0, len(o))
	for _, object := range o {
		name := object.GetKind() + "/" + object.GetName()
		if object.GetNamespace() != "" {
			name = object.GetNamespace() + "/" + name
		}
		names = append(names, name)
	}
	return names
}

// deployment is the only one among the objects.
func (o objects) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	g := NewWithT(t)
	found := o.ofKind("Deployment")
	g.Expect(found).To(HaveLen(1))
	deployment := &appsv1.Deployment{}
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(found[0].Object, deployment)).To(Succeed())
	return deployment
}

// present are those of the objects that the API server has.
func (c *cluster) present(t *testing.T, all objects) objects {
	t.Helper()
	g := NewWithT(t)
	var found objects
	for _, object := range all {
		live := &unstructured.Unstructured{}
		live.SetGroupVersionKind(object.GroupVersionKind())
		err := c.kube.Get(t.Context(), client.ObjectKeyFromObject(object), live)
		if apierrors.IsNotFound(err) {
			continue
		}
		g.Expect(err).NotTo(HaveOccurred())
		found = append(found, live)
	}
	return found
}
