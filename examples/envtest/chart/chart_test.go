// Package chart_test renders the chart, applies it to an API server and waits until the operator has made all of it.
package chart_test

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"testing"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/operatortest"
)

const namespace = "shop"

// render is what `helm install` would apply.
func render(t *testing.T, values ...string) []*unstructured.Unstructured {
	t.Helper()
	helm := exec.CommandContext(t.Context(), "helm", "template", "shop", ".", "--namespace", namespace)
	for _, value := range values {
		helm.Args = append(helm.Args, "--set", value)
	}
	out, err := helm.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("helm template: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("helm template: %v", err)
	}
	var objects []*unstructured.Unstructured
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(out), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := documents.Decode(object)
		switch {
		case errors.Is(err, io.EOF):
			return objects
		case err != nil:
			t.Fatalf("read what helm rendered: %v", err)
		}
		if len(object.Object) > 0 {
			object.SetNamespace(namespace)
			objects = append(objects, object)
		}
	}
}

func TestChart(t *testing.T) {
	ctx := t.Context()
	ctrl.SetLogger(logr.Discard())
	stack := operatortest.Start(t)
	credentials := "credentials=" + stack.Credentials(ctx, namespace)
	apply := func(object *unstructured.Unstructured) error {
		return stack.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("chart-test"))
	}
	links := func() int { return len(stack.Atlas.PrivateLinks(atlastest.DefaultProjectID)) }

	t.Run("becomes ready, and leaves nothing behind", func(t *testing.T) {
		objects := render(t, "projectId="+atlastest.DefaultProjectID, credentials)
		for _, object := range objects {
			if err := apply(object); err != nil {
				t.Fatalf("apply %s %s: %v", object.GetKind(), object.GetName(), err)
			}
		}
		for _, object := range objects {
			operatortest.WaitReady(ctx, t, stack.Client, object)
		}
		if links() != 1 {
			t.Errorf("%d private links in Atlas, want 1", links())
		}
		for _, object := range objects { // in any order: the link waits for its connection
			if err := stack.Client.Delete(ctx, object); err != nil {
				t.Fatalf("delete %s %s: %v", object.GetKind(), object.GetName(), err)
			}
		}
		for _, object := range objects {
			operatortest.WaitGone(ctx, t, stack.Client, object)
		}
		if links() != 0 {
			t.Errorf("%d private links are left in Atlas", links())
		}
	})

	t.Run("is refused with a wrong value", func(t *testing.T) { // by the rules of the CRDs
		for _, object := range render(t, "projectId=not-an-id", credentials) {
			if err := apply(object); !apierrors.IsInvalid(err) {
				t.Errorf("%s %s: %v, want that it is invalid", object.GetKind(), object.GetName(), err)
			}
		}
	})
}
