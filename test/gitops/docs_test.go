package gitops_test

import (
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/docs"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// Every command of docs/gitops.md does what the page says, one after the other, from a checkout.
func TestDocs(t *testing.T) {
	s := newStage(t, atlastest.WithDurations(atlastest.Durations{}))
	s.Create(
		manifest.Namespace("argocd"),
		&corev1.ConfigMap{ObjectMeta: manifest.Meta("argocd", "argocd-cm")},
	)
	s.namespace = "streams-demo"
	s.startManager()
	scripts := docs.Commands(s, "docs/gitops.md")
	s.Expect(len(scripts)).To(BeNumerically(">", 3))
	for _, script := range scripts {
		shell := exec.CommandContext(t.Context(), "/bin/sh", "-e")
		shell.Stdin = strings.NewReader(script)
		out, err := s.run(shell)
		s.Expect(err).NotTo(HaveOccurred(), "%s\n%s", script, out)
		if strings.Contains(script, "get ") {
			s.Expect(out).To(And(ContainSubstring("orders"), ContainSubstring("solar"), ContainSubstring("DONE")))
		}
	}
	s.ExpectNoOrphans(s.atlas)
}
