package charts_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// flagValue is the value of a flag in a command line; the last one counts.
func flagValue(args []string, name string) string {
	found := ""
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			found = value
		}
	}
	return found
}

// Whoever adds a flag to the manager adds a value to the chart.
func TestEveryFlagIsAValue(t *testing.T) {
	g := NewWithT(t)
	help, err := exec.CommandContext(t.Context(), world.Manager, "--help").CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred())
	known := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
		known[match[1]] = true
	}
	g.Expect(len(known)).To(BeNumerically(">", 15), string(help))
	delete(known, "kubeconfig") // in a cluster there is none
	delete(known, "version")

	args := template(t, "all", operatorChart, "ops", "--values", "test/charts/testdata/operator/every-flag.yaml").
		deployment(t).Spec.Template.Spec.Containers[0].Args
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		g.Expect(known).To(HaveKey(name), "the manager has no such flag")
		delete(known, name)
	}
	g.Expect(known).To(BeEmpty(), "flags that the chart has no value for")
}

// What is rendered is understood: the manager gets as far as to look for an API server.
func TestEveryFlagIsUnderstood(t *testing.T) {
	g := NewWithT(t)
	args := template(t, "all", operatorChart, "ops", "--values", "test/charts/testdata/operator/every-flag.yaml").
		deployment(t).Spec.Template.Spec.Containers[0].Args
	out, err := exec.CommandContext(t.Context(), world.Manager, append(args, "--version")...).CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	out, err = exec.CommandContext(t.Context(), world.Manager, append(args, "--kubeconfig=/nowhere")...).CombinedOutput()
	g.Expect(err).To(HaveOccurred())
	g.Expect(string(out)).To(ContainSubstring("/nowhere"), "it complains about nothing else")
}
