package charts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/docs"
)

// docBlocks are the marked blocks of a page by name.
func docBlocks(t *testing.T, page string) map[string]string {
	t.Helper()
	g := NewWithT(t)
	blocks := map[string]string{}
	for _, block := range docs.Marked(g, page) {
		g.Expect(blocks).NotTo(HaveKey(block.Name), page)
		blocks[block.Name] = block.Script
	}
	return blocks
}

// clone is a directory that looks like a clone of the repository, for what commands of the docs write.
func clone(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	dir := t.TempDir()
	root, err := os.Getwd()
	g.Expect(err).NotTo(HaveOccurred())
	for _, name := range []string{"charts", "dist", "config", "examples"} {
		g.Expect(os.Symlink(filepath.Join(root, name), filepath.Join(dir, name))).To(Succeed())
	}
	return dir
}

// runDoc runs blocks of a page, one after the other, in a clone.
func (s *stage) runDoc(dir, page string, names ...string) {
	s.t.Helper()
	blocks := docBlocks(s.t, page)
	for _, name := range names {
		s.Expect(blocks).To(HaveKey(name), page)
		_, err := s.command(s.t.Context(), "cd '"+dir+"'\n"+blocks[name], "bash", "-euo", "pipefail", "-s")
		s.Expect(err).NotTo(HaveOccurred(), "%s %s:\n%s", page, name, blocks[name])
	}
}

// The README leads to a link and a connection that are Ready.
func TestReadme(t *testing.T) {
	s := newStage(t, bareCluster(t, testenv.Options{}))
	dir := clone(t)
	s.runDoc(dir, "README.md", "helm")
	s.runManager(s.installed(operatorNamespace, operatorName+"-controller-manager"), s.beside(operatorNamespace)...)
	s.runDoc(dir, "README.md", "credentials", "resources", "wait", "look")
	s.Expect(s.atlas.PrivateLinks(project)).To(HaveLen(1))
	s.Expect(s.atlas.Connections(project, workspace)).To(HaveLen(1))
}

// The pages tell one story: it is followed from the installation to the end, with the manager beside the cluster.
func TestDocs(t *testing.T) {
	s := newStage(t, bareCluster(t, testenv.Options{ControllerManager: true}))
	dir := clone(t)
	s.runDoc(dir, "docs/install.md", "operator")
	s.runManager(s.installed(operatorNamespace, operatorName+"-controller-manager"), s.beside(operatorNamespace)...)
	s.namespace = "shop"
	link := linkOf(s, "confluent")
	inAtlas := func() int { return len(s.atlas.PrivateLinks(project)) + len(s.atlas.Connections(project, workspace)) }

	s.runDoc(dir, "docs/install.md", "credentials", "resources")
	s.AwaitReady(link, connectionOf(s, "orders"))

	s.runDoc(dir, "docs/upgrade.md", "upgrade")
	image := func() string {
		return s.installed(operatorNamespace, operatorName+"-controller-manager").Spec.Template.Spec.Containers[0].Image
	}
	s.Expect(image()).To(HavePrefix("registry.example.com/"), "what was set is kept")
	s.runDoc(dir, "docs/upgrade.md", "rollback", "take-over")

	s.runDoc(dir, "docs/uninstall.md", "retain", "resources", "nothing-left")
	s.Expect(inAtlas()).To(Equal(2), "retained")
	s.runDoc(dir, "docs/install.md", "resources")
	s.runDoc(dir, "docs/uninstall.md", "resources", "nothing-left")
	s.ExpectNoOrphans(s.atlas)

	lost := newLink("shop", "confluent")
	s.Create(lost)
	s.AwaitReady(lost)
	s.atlas.RevokeCredential(atlastest.DefaultClientID)
	s.mustKubectl(t, "delete", "--namespace", "shop", "spl", "confluent", "--wait=false")
	s.runDoc(dir, "docs/uninstall.md", "abandon")
	s.AwaitGone(lost)

	s.runDoc(dir, "docs/uninstall.md", "operator", "definitions")
	s.Expect(s.mustKubectl(t, "get", "crd,clusterrole,clusterrolebinding", "--output", "name")).NotTo(ContainSubstring("atlas"))
}

// Each other way to install works as it is written.
func TestDocsOfOtherInstalls(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	dir := clone(t)
	s.runDoc(dir, "docs/install.md", "namespaced")
	s.Expect(s.mustKubectl(t, "get", "clusterrole,clusterrolebinding", "--output", "name")).NotTo(ContainSubstring("stock-operator"))
	s.runDoc(dir, "docs/install.md", "rbac-elsewhere")
	account := "--as=system:serviceaccount:depot-operator:depot-operator-atlas-streams-operator-controller-manager"
	s.mustKubectl(t, "auth", "can-i", "patch", "streamprivatelinks.atlasstreams.io", "--namespace", "depot", account)
	s.mustKubectl(t, "auth", "can-i", "create", "leases.coordination.k8s.io", "--namespace", "depot-operator", account)

	s.runDoc(dir, "docs/install.md", "package", "air-gapped")
	s.Expect(s.installed("streams-system", "streams-operator-atlas-streams-operator-controller-manager").Spec.Template.Spec.Containers[0].Image).
		To(HavePrefix("mirror.example.com/atlasstreams/atlas-streams-operator@sha256:"))

	s.Expect(os.WriteFile(filepath.Join(dir, "corporate-ca.pem"), []byte("a certificate\n"), 0o600)).To(Succeed())
	s.runDoc(dir, "docs/install.md", "proxy")
	s.runDoc(dir, "docs/scale.md", "shards")
	s.defineMonitoring(t)
	s.runDoc(dir, "docs/install.md", "production")
	for release, namespace := range map[string]string{
		"stock-operator": "stock-operator", "depot-operator": "depot-operator",
		"streams-operator": "streams-system", "proxied-operator": "proxied", "streams-a": "streams-a", "streams-b": "streams-b",
		operatorName: operatorNamespace,
	} {
		s.mustHelm(t, "uninstall", release, "--namespace", namespace)
	}
}

// The definitions alone tell what is wrong with a chart.
func TestDocsOfValidation(t *testing.T) {
	t.Parallel()
	s := newStage(t, bareCluster(t, testenv.Options{WithoutCRDs: true}))
	s.runDoc(clone(t), "docs/testing.md", "definitions", "validate")
}

// The commands of the charts' own pages stand in pages whose commands are run.
func TestReadmesOfCharts(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	var run strings.Builder
	for _, page := range []string{"docs/install.md", "docs/upgrade.md", "docs/try-in-a-cluster.md"} {
		for _, block := range docBlocks(t, page) {
			run.WriteString(block)
		}
	}
	for _, chart := range []string{"atlas-streams-crds", "atlas-streams-operator", "atlas-streams", "atlas-simulator"} {
		scripts := docs.Commands(g, filepath.Join("charts", chart, "README.md"))
		g.Expect(scripts).NotTo(BeEmpty(), chart)
		for _, script := range scripts {
			g.Expect(run.String()).To(ContainSubstring(script), chart)
		}
	}
}

// Every marked block is run by some test: here, or where it is named.
func TestAllMarkedBlocksAreRun(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	tests, err := filepath.Glob("test/charts/*_test.go")
	g.Expect(err).NotTo(HaveOccurred())
	var sources strings.Builder
	for _, file := range tests {
		text, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		sources.Write(text)
	}
	for _, page := range []string{"README.md", "docs/install.md", "docs/upgrade.md", "docs/uninstall.md", "docs/scale.md", "docs/try-in-a-cluster.md", "docs/testing.md"} {
		blocks := docBlocks(t, page)
		g.Expect(blocks).NotTo(BeEmpty(), page)
		for name := range blocks {
			g.Expect(sources.String()).To(ContainSubstring(`"`+name+`"`), "%s: nobody runs %s", page, name)
		}
	}
}
