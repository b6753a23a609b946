package image_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// workflow is what the checks need of one, in the forge's names.
type workflow struct {
	Permissions *map[string]string `json:"permissions"`
	Env         map[string]string  `json:"env"`
	Jobs        map[string]struct {
		Permissions map[string]string `json:"permissions"`
		Timeout     int               `json:"timeout-minutes"`
		Steps       []struct {
			Uses string            `json:"uses"`
			With map[string]any    `json:"with"`
			Run  string            `json:"run"`
			Env  map[string]string `json:"env"`
		} `json:"steps"`
	} `json:"jobs"`
}

// writes are the jobs that may write, and what.
var writes = map[string][]string{
	"image":   {"packages", "id-token"},
	"charts":  {"packages", "id-token"},
	"publish": {"contents"},
}

// No workflow can be run here. What can be told without that: that it has no more rights than it needs, runs nobody's
// code that may change under it, and calls what exists.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(moduleRoot, ".github", "workflows", "*"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(files).NotTo(BeEmpty())
	pinned := regexp.MustCompile(`^[^@]+@[0-9a-f]{40}$`)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			g := NewWithT(t)
			text, err := os.ReadFile(file)
			g.Expect(err).NotTo(HaveOccurred())
			var found workflow
			g.Expect(yaml.Unmarshal(text, &found)).To(Succeed())
			g.Expect(found.Permissions).To(HaveValue(BeEmpty()), "rights are given to jobs, not to all")
			for name, job := range found.Jobs {
				g.Expect(job.Timeout).To(BeNumerically(">", 0), name)
				for right, level := range job.Permissions {
					if level != "read" && level != "none" {
						g.Expect(writes[name]).To(ContainElement(right), "%s: %s", name, level)
					}
				}
				for _, step := range job.Steps {
					if step.Uses != "" {
						g.Expect(step.Uses).To(MatchRegexp(pinned.String()), "pinned by the commit")
						g.Expect(step.With).To(HaveKeyWithValue("persist-credentials", false))
						continue
					}
					expectScript(t, step.Run)
				}
			}
			g.Expect(found.Env).To(HaveKeyWithValue("REGISTRY", "${{ vars.REGISTRY }}"), "no registry is named")
			for _, line := range regexp.MustCompile(`(?m)^.*uses:.*$`).FindAllString(string(text), -1) {
				g.Expect(line).To(MatchRegexp(`# v\d+\.\d+\.\d+$`), "the version, for people")
			}
		})
	}
}

// expectScript: it is well-formed, takes values by its environment only, where no text of somebody else's becomes code,
// and what it calls is there.
func expectScript(t *testing.T, script string) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(script).NotTo(BeEmpty())
	g.Expect(script).NotTo(ContainSubstring("${{"))
	check := exec.CommandContext(t.Context(), "bash", "-n")
	check.Stdin = strings.NewReader(script)
	out, err := check.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))

	makefile, err := os.ReadFile(filepath.Join(moduleRoot, "Makefile"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, call := range regexp.MustCompile(`(?m)^\s*make (\S+)`).FindAllStringSubmatch(script, -1) {
		g.Expect(string(makefile)).To(ContainSubstring("\n" + call[1] + ":"))
	}
	for _, call := range regexp.MustCompile(`hack/go-build\.sh (\S+) \S+ \w+=(\S+)`).FindAllStringSubmatch(script, -1) {
		module, err := os.ReadFile(filepath.Join(moduleRoot, call[1], "go.mod"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(module)).To(ContainSubstring("\ntool " + call[2] + "\n"))
	}
	for _, path := range regexp.MustCompile(`(?:^|[ \n])((?:hack|\.ci|config|charts)/[\w./-]+)`).FindAllStringSubmatch(script, -1) {
		g.Expect(filepath.Join(moduleRoot, path[1])).To(BeAnExistingFile(), "the script names it")
	}
	stages := readDockerfile(t)
	var known []string
	for _, stage := range stages {
		for _, argument := range all(stage, "ARG") {
			name, _, _ := strings.Cut(argument, "=")
			known = append(known, name)
		}
	}
	for _, argument := range regexp.MustCompile(`--build-arg "(\w+)=`).FindAllStringSubmatch(script, -1) {
		g.Expect(known).To(ContainElement(argument[1]), "the Dockerfile takes it")
	}
}
