package charts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/testenv"
)

// olderCRDs is the chart before driftPolicy was a member of links.
func olderCRDs(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	dir := t.TempDir()
	g.Expect(os.CopyFS(dir, os.DirFS(crdsChart))).To(Succeed())
	path := filepath.Join(dir, "files", "atlasstreams.io_streamprivatelinks.yaml")
	data, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	older := strings.Replace(string(data), "              driftPolicy:\n", "              anotherPolicy:\n", 1)
	g.Expect(older).NotTo(Equal(string(data)))
	g.Expect(os.WriteFile(path, []byte(older), 0o600)).To(Succeed())
	return dir
}

// Upgrades bring the definitions up to date, rollbacks take them back, and an uninstall leaves people's objects alone.
func TestLifeOfTheResourceDefinitions(t *testing.T) {
	c := bareCluster(t, testenv.Options{})
	s := newStage(t, c)
	helm := func(args ...string) { s.mustHelm(t, append(args, "--namespace", s.namespace)...) }
	definition := func() *apiextensionsv1.CustomResourceDefinition {
		d := &apiextensionsv1.CustomResourceDefinition{}
		s.Expect(s.kube.Get(t.Context(), types.NamespacedName{Name: "streamprivatelinks.atlasstreams.io"}, d)).To(Succeed())
		return d
	}
	knowsDriftPolicy := func() bool {
		spec := definition().Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
		_, ok := spec.Properties["driftPolicy"]
		return ok
	}

	helm("install", "crds", olderCRDs(t), "--wait", "--timeout", "3m")
	s.Expect(knowsDriftPolicy()).To(BeFalse())
	s.Eventually(func() error { return s.kube.Create(t.Context(), newLink(s.namespace, "way")) }).Should(Succeed(), "the API server serves the kind soon")
	uid := definition().UID

	helm("upgrade", "crds", crdsChart)
	s.Expect(knowsDriftPolicy()).To(BeTrue(), "an upgrade is one of the definitions as well")
	helm("rollback", "crds", "1")
	s.Expect(knowsDriftPolicy()).To(BeFalse())
	helm("upgrade", "crds", crdsChart)

	helm("uninstall", "crds")
	s.Expect(definition().UID).To(Equal(uid))
	s.Expect(s.Gone(linkOf(s, "way"))).To(BeFalse(), "people's objects stay")

	helm("install", "crds", crdsChart)
	s.Expect(definition().UID).To(Equal(uid), "taken over by a release of the same name")
}

// Definitions that came by kubectl can be handed to the chart.
func TestResourceDefinitionsFromKubectl(t *testing.T) {
	c := bareCluster(t, testenv.Options{})
	c.mustKubectl(t, "apply", "--server-side", "-f", "config/crd/bases")
	_, err := c.helm(t.Context(), "install", "crds", crdsChart, "--namespace", "default")
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("invalid ownership metadata")))
	c.mustHelm(t, "install", "crds", crdsChart, "--namespace", "default", "--take-ownership", "--force-conflicts")
}
