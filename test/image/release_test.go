package image_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// buildScript is what builds and pushes an image for a release.
func buildScript(g Gomega) string {
	text, err := os.ReadFile(filepath.Join(moduleRoot, ".github", "workflows", "release.yaml"))
	g.Expect(err).NotTo(HaveOccurred())
	var release workflow
	g.Expect(yaml.Unmarshal(text, &release)).To(Succeed())
	for _, step := range release.Jobs["image"].Steps {
		if strings.Contains(step.Run, "docker buildx build") {
			return step.Run
		}
	}
	return ""
}

// A release is built from images that do not change under their tags, all of them.
func TestReleaseRefusesImagesWithoutDigest(t *testing.T) {
	const floating = "example.com/image:1"
	pinned := floating + "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	for _, refused := range []string{"GO_IMAGE", "BUILDKIT_IMAGE", "SBOM_GENERATOR", ""} {
		t.Run(refused, func(t *testing.T) {
			g := NewWithT(t)
			dir := t.TempDir()
			stub := "#!/bin/sh\necho docker \"$@\" >>" + dir + "/calls\n"
			g.Expect(os.WriteFile(filepath.Join(dir, "docker"), []byte(stub), 0o755)).To(Succeed())
			g.Expect(os.WriteFile(filepath.Join(dir, "jq"), []byte("#!/bin/sh\necho sha256:0\n"), 0o755)).To(Succeed())
			shell := exec.CommandContext(t.Context(), "bash", "-c", buildScript(g))
			shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "REGISTRY=r.example.com", "REGISTRY_NAMESPACE=Team",
				"NAME=atlas-simulator", "TARGET=simulator", "SUFFIX=", "FIPS=off", "VERSION=v1", "GITHUB_SHA=0", "GITHUB_SERVER_URL=https://example.com",
				"GITHUB_REPOSITORY=team/repo", "GITHUB_ENV="+filepath.Join(dir, "env"))
			for _, variable := range []string{"GO_IMAGE", "BUILDKIT_IMAGE", "SBOM_GENERATOR"} {
				value := pinned
				if variable == refused {
					value = floating
				}
				shell.Env = append(shell.Env, variable+"="+value)
			}
			out, err := shell.CombinedOutput()
			calls, _ := os.ReadFile(filepath.Join(dir, "calls"))
			if refused == "" {
				g.Expect(err).NotTo(HaveOccurred(), string(out))
				g.Expect(string(calls)).To(And(ContainSubstring("--build-arg GO_IMAGE="+pinned), ContainSubstring("image="+pinned),
					ContainSubstring("generator="+pinned), ContainSubstring("--target simulator"), ContainSubstring("--tag r.example.com/team/atlas-simulator:v1 ")))
				return
			}
			g.Expect(err).To(HaveOccurred())
			g.Expect(string(out)).To(ContainSubstring("set the variable " + refused))
			g.Expect(calls).To(BeEmpty())
		})
	}
}
