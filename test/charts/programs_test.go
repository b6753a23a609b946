package charts_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
)

// environment is that of helm, kubectl and of commands from the docs: our programs, this cluster, and nothing of the
// user's.
func (c *cluster) environment() []string {
	bin, _ := filepath.Abs("bin")           // fails only without a working directory
	kubectl, _ := testenv.Binary("kubectl") // whoever runs it without learns that there is none
	return append(os.Environ(),
		"PATH="+strings.Join([]string{bin, filepath.Dir(kubectl), os.Getenv("PATH")}, string(os.PathListSeparator)),
		"KUBECONFIG="+c.env.Kubeconfig,
		"ATLAS_CLIENT_ID="+atlastest.DefaultClientID,
		"ATLAS_CLIENT_SECRET="+atlastest.DefaultClientSecret,
		"HELM_CACHE_HOME="+filepath.Join(c.home, "cache"),
		"HELM_CONFIG_HOME="+filepath.Join(c.home, "config"),
		"HELM_DATA_HOME="+filepath.Join(c.home, "data"),
	)
}

// helm runs helm and returns what it printed; an error holds that as well.
func (c *cluster) helm(ctx context.Context, args ...string) (string, error) {
	return c.command(ctx, "", filepath.Join("bin", "helm"), args...)
}

// command runs a program with the environment of the cluster.
func (c *cluster) command(ctx context.Context, input, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = c.environment()
	cmd.Stdin = strings.NewReader(input)
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w\n%s%s",
			filepath.Base(program), strings.Join(args, " "), err, out.String(), problems.String())
	}
	return out.String(), nil
}

// mustHelm runs helm, which has to succeed.
func (c *cluster) mustHelm(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.helm(t.Context(), args...)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return out
}

// kubectl runs kubectl and returns what it printed.
func (c *cluster) kubectl(ctx context.Context, args ...string) (string, error) {
	kubectl, err := testenv.Binary("kubectl")
	if err != nil {
		return "", err
	}
	return c.command(ctx, "", kubectl, args...)
}

// mustKubectl runs kubectl, which has to succeed.
func (c *cluster) mustKubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.kubectl(t.Context(), args...)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return out
}

// valuesFile writes values into a file for helm's --values.
func valuesFile(t *testing.T, values string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	NewWithT(t).Expect(os.WriteFile(path, []byte(values), 0o600)).To(Succeed())
	return path
}
