package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// The control plane is not compiled if a supported version is installed, in KUBEBUILDER_ASSETS or by setup-envtest.
func TestControlPlaneTakesWhatIsInstalled(t *testing.T) {
	platform := "-" + runtime.GOOS + "-" + runtime.GOARCH
	all := []string{"etcd", "kube-apiserver", "kubectl"}
	for name, test := range map[string]struct {
		installed map[string][]string // in the directory of setup-envtest
		assets    []string            // in KUBEBUILDER_ASSETS
		builds    bool
		message   string
	}{
		"nothing":                      {builds: true, message: "10 to 30 minutes"},
		"KUBEBUILDER_ASSETS":           {assets: all},
		"setup-envtest":                {installed: map[string][]string{"1.30.12" + platform: nil, "1.37.1" + platform: all}, message: "1.37.1" + platform},
		"setup-envtest, in part":       {installed: map[string][]string{"1.37.1" + platform: all[:2]}, builds: true, message: "Building kubectl"},
		"setup-envtest, too old":       {installed: map[string][]string{"1.9.1" + platform: all}, builds: true},
		"setup-envtest, other machine": {installed: map[string][]string{"1.37.1-plan9-mips": all}, builds: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			home := t.TempDir()
			config, err := os.UserConfigDir() // the go command leaves a process that writes there
			g.Expect(err).NotTo(HaveOccurred())
			t.Setenv("XDG_CONFIG_HOME", config)
			t.Setenv("XDG_DATA_HOME", "")
			t.Setenv("GOCACHE", filepath.Join(home, "cache"))
			t.Setenv("HOME", home)
			t.Setenv("KUBEBUILDER_ASSETS", filepath.Join(home, "assets"))
			fakePrograms(t, filepath.Join(home, "assets"), test.assets)
			store, err := envtest.SetupEnvtestDefaultBinaryAssetsDirectory()
			g.Expect(err).NotTo(HaveOccurred())
			for version, programs := range test.installed {
				fakePrograms(t, filepath.Join(store, version), programs)
			}
			fakeGo(t, home)

			script := exec.CommandContext(t.Context(), "../control-plane.sh", append([]string{"-i", "-k", "../kubernetes", filepath.Join(home, "bin")}, all...)...)
			out, err := script.CombinedOutput()

			g.Expect(string(out)).To(ContainSubstring(test.message))
			if test.builds {
				g.Expect(err).To(HaveOccurred(), "%s", out)
				g.Expect(string(out)).To(ContainSubstring("the fake go builds nothing"))
			} else {
				g.Expect(err).NotTo(HaveOccurred(), "%s", out)
			}
		})
	}
}

func fakePrograms(t *testing.T, dir string, names []string) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(os.MkdirAll(dir, 0o700)).To(Succeed())
	for _, name := range names {
		g.Expect(os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700)).To(Succeed())
	}
}

// fakeGo puts a go command first on the PATH that supports everything except building.
func fakeGo(t *testing.T, home string) {
	t.Helper()
	g := NewWithT(t)
	goCommand, err := exec.LookPath("go")
	g.Expect(err).NotTo(HaveOccurred())
	dir := filepath.Join(home, "fake")
	g.Expect(os.MkdirAll(dir, 0o700)).To(Succeed())
	text := "#!/bin/sh\n[ \"$1\" != build ] || { echo the fake go builds nothing; exit 1; }\nexec '" + goCommand + "' \"$@\"\n"
	g.Expect(os.WriteFile(filepath.Join(dir, "go"), []byte(text), 0o700)).To(Succeed())
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
