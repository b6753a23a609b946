package manager

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/config/crd"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/metrics"
)

// Every kind in the list of kinds is covered in all files that the compiler does not check.
func TestEveryKindIsCoveredEverywhere(t *testing.T) {
	for _, kind := range controller.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(kindInScheme(g, kind)).To(Equal(kind.Name))
			g.Expect(selectedKinds(g, t)).To(ContainElement(kind.Name), "--watch-label-selector")
			g.Expect(seriesOf(g, t, kind)).To(BeTrue(), "a series of atlas_streams_resource_info")

			plural := pluralOf(g, kind)
			page := strings.ToLower(kind.Name)
			for file, text := range map[string]string{
				"PROJECT":                                            "kind: " + kind.Name + "\n",
				"config/crd/kustomization.yaml":                      "_" + plural + ".yaml",
				"config/rbac/role.yaml":                              "- " + plural + "/status\n",
				"config/rbac/kustomization.yaml":                     page + "_editor_role.yaml",
				"config/samples/*.yaml":                              "kind: " + kind.Name + "\n",
				"config/samples/kustomization.yaml":                  page + "-",
				"charts/atlas-streams/templates/" + plural + ".yaml": `"kind" "` + kind.Name + `"`,
				"charts/atlas-streams-operator/templates/rbac/*":     page,
				"charts/atlas-streams-crds/files/*":                  "  kind: " + kind.Name + "\n",
				"gitops/argocd/argocd-cm.yaml":                       "health.atlasstreams.io_" + kind.Name,
				"gitops/flux/helmrelease.yaml":                       "kind: " + kind.Name,
				"gitops/flux/kustomization.yaml":                     "kind: " + kind.Name,
				"docs/" + page + ".md":                               kind.Name,
				"docs/README.md":                                     page + ".md",
				"README.md":                                          kind.Name,
				"test/permissions/*_test.go":                         plural,
			} {
				g.Expect(strings.Contains(contentOf(g, file), text)).To(BeTrue(), "%s has no %q", file, text)
			}
		})
	}
}

// contentOf returns the text of all files of the repository that match a pattern.
func contentOf(g *WithT, pattern string) string {
	files, err := filepath.Glob(filepath.Join("..", "..", pattern))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(files).NotTo(BeEmpty(), pattern)
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		all.Write(content)
	}
	return all.String()
}

func kindInScheme(g *WithT, kind *lifecycle.Kind) string {
	scheme := NewScheme()
	known, _, err := scheme.ObjectKinds(kind.New())
	g.Expect(err).NotTo(HaveOccurred())
	return known[0].Kind
}

func pluralOf(g *WithT, kind *lifecycle.Kind) string {
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		if definition.Spec.Names.Kind == kind.Name {
			return definition.Spec.Names.Plural
		}
	}
	g.Expect(definitions).To(BeEmpty(), "there is no CRD of the kind")
	return ""
}

func selectedKinds(g *WithT, t *testing.T) []string {
	var selected []string
	for kind, by := range cachedAs(cacheOf(g, t, "--watch-label-selector=shard=a")) {
		if by.Label != nil {
			selected = append(selected, kind)
		}
	}
	return selected
}

// seriesOf reports whether the metrics export a resource of the kind.
func seriesOf(g *WithT, t *testing.T, kind *lifecycle.Kind) bool {
	scheme := NewScheme()
	resource := kind.New()
	resource.SetNamespace("shop")
	resource.SetName("one")
	leading := make(chan struct{})
	close(leading)
	registry := prometheus.NewRegistry()
	some := namespacedCache{Reader: fake.NewClientBuilder().WithScheme(scheme).WithObjects(resource).Build()}
	lists := func() []inventory.ListStats { return nil }
	measured := metrics.New(clock.RealClock{}, controller.Kinds())
	g.Expect(measured.Register(registry, leading, lists, cached(t.Context(), some))).To(Succeed())
	families, err := registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if family.GetName() == "atlas_streams_resource_info" && label.GetName() == "kind" && label.GetValue() == kind.Name {
					return true
				}
			}
		}
	}
	return false
}

// namespacedCache is like the cache of some namespaces: no informer of it has everything.
type namespacedCache struct {
	cache.Informers
	client.Reader
}

func (namespacedCache) GetInformer(context.Context, client.Object, ...cache.InformerGetOption) (cache.Informer, error) {
	return nil, nil //nolint:nilnil // it has no store either
}
