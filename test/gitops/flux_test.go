package gitops_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// fluxExamples decodes all manifests of gitops/flux into Flux's own types, which know every field that there is.
func fluxExamples() ([]runtime.Object, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kustomizev1.AddToScheme, helmv2.AddToScheme, sourcev1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	files, err := filepath.Glob("gitops/flux/*.yaml")
	if err != nil {
		return nil, err
	}
	var found []runtime.Object
	for _, name := range files {
		texts, err := documents(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, text := range texts {
			object, _, err := decoder.Decode(text, nil, nil)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found = append(found, object)
		}
	}
	return found, nil
}

// fluxExpressions are the health checks of every example that has some, by where they stand.
func fluxExpressions() (map[string][]kustomize.CustomHealthCheck, error) {
	examples, err := fluxExamples()
	if err != nil {
		return nil, err
	}
	found := map[string][]kustomize.CustomHealthCheck{}
	for _, example := range examples {
		switch e := example.(type) {
		case *kustomizev1.Kustomization:
			found["Kustomization "+e.Name] = e.Spec.HealthCheckExprs
		case *helmv2.HelmRelease:
			if len(e.Spec.HealthCheckExprs) > 0 {
				found["HelmRelease "+e.Name] = e.Spec.HealthCheckExprs
			}
		}
	}
	return found, nil
}

// judgeByFlux evaluates the examples' expressions for the resource, by Flux's own evaluator. All examples agree.
func judgeByFlux(ctx context.Context, object *unstructured.Unstructured) (status.Status, error) {
	examples, err := fluxExpressions()
	if err != nil {
		return "", err
	}
	var verdict status.Status
	for where, checks := range examples {
		found := false
		for _, check := range checks {
			if check.APIVersion != object.GetAPIVersion() || check.Kind != object.GetKind() {
				continue
			}
			evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
			if err != nil {
				return "", fmt.Errorf("%s: %w", where, err)
			}
			result, err := evaluator.Evaluate(ctx, object)
			if err != nil {
				return "", fmt.Errorf("%s: %w", where, err)
			}
			if verdict != "" && verdict != result.Status {
				return "", fmt.Errorf("%s says %s, another example %s: %w", where, result.Status, verdict, os.ErrInvalid)
			}
			verdict, found = result.Status, true
		}
		if !found {
			return "", fmt.Errorf("%s has no expressions for %s: %w", where, object.GetKind(), os.ErrInvalid)
		}
	}
	return verdict, nil
}

func TestFluxExamples(t *testing.T) {
	g := NewWithT(t)
	examples, err := fluxExamples()
	g.Expect(err).NotTo(HaveOccurred())
	sources := map[string]bool{}
	for _, example := range examples {
		switch e := example.(type) {
		case *sourcev1.OCIRepository:
			sources["OCIRepository "+e.Name] = true
		case *sourcev1.GitRepository:
			sources["GitRepository "+e.Name] = true
		}
	}
	for _, example := range examples {
		switch e := example.(type) {
		case *kustomizev1.Kustomization:
			g.Expect(sources).To(HaveKey(e.Spec.SourceRef.Kind + " " + e.Spec.SourceRef.Name))
			g.Expect(e.Spec.Wait).To(BeTrue())
			g.Expect(e.Spec.Timeout.Minutes()).To(BeNumerically(">", 35), "links take that long")
		case *helmv2.HelmRelease:
			g.Expect(sources).To(HaveKey(e.Spec.ChartRef.Kind + " " + e.Spec.ChartRef.Name))
			if e.Spec.TargetNamespace == "orders" {
				g.Expect(e.Spec.Timeout.Minutes()).To(BeNumerically(">", 35), "links take that long")
				g.Expect(e.GetWaitStrategy()).To(Equal(helmv2.WaitStrategyPoller), "the only one that reads expressions")
			}
		}
	}
	expressions, err := fluxExpressions()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(expressions).To(HaveLen(2))
}
