package gitops_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/atlastest"
)

// Every command of docs/gitops.md does what the page says, one after the other, from a checkout.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("docs/gitops.md")
	s := newStage(t, atlastest.WithDurations(atlastest.Durations{}))
	s.Expect(err).NotTo(HaveOccurred())
	s.create(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "argocd"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "argocd", Name: "argocd-cm"}},
	)
	s.namespace = "streams-demo"
	s.startManager()
	blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	s.Expect(len(blocks)).To(BeNumerically(">", 3))
	for _, block := range blocks {
		shell := exec.CommandContext(t.Context(), "/bin/sh", "-e")
		shell.Stdin = strings.NewReader(block[1])
		out, err := s.run(shell)
		s.Expect(err).NotTo(HaveOccurred(), "%s\n%s", block[1], out)
		if strings.Contains(block[1], "get ") {
			s.Expect(out).To(And(ContainSubstring("orders"), ContainSubstring("solar"), ContainSubstring("DONE")))
		}
	}
	s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty())
	s.Expect(s.atlas.Connections(project, workspace)).To(BeEmpty())
}

// Links to files of this project lead somewhere.
func TestDocsLinks(t *testing.T) {
	g := NewWithT(t)
	for _, page := range []string{"docs/gitops.md", "docs/release.md"} {
		text, err := os.ReadFile(page)
		g.Expect(err).NotTo(HaveOccurred())
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(link[1], "://") {
				g.Expect("docs/"+link[1]).To(BeAnExistingFile(), page)
			}
		}
	}
}
