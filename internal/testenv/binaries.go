package testenv

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// assetsVariable names the directory that is searched before bin/k8s, as for any envtest suite.
const assetsVariable = "KUBEBUILDER_ASSETS"

// setupEnvtest is controller-runtime's program that installs the binaries.
const setupEnvtest = "sigs.k8s.io/controller-runtime/tools/setup-envtest"

// Binary returns the absolute path of one program of the control plane: etcd, kube-apiserver, kubectl or
// kube-controller-manager. KUBEBUILDER_ASSETS comes first, then bin/k8s of the module that holds the working directory,
// then the newest version that setup-envtest has installed; each program is looked up by itself, because ready-made
// assets rarely have a kube-controller-manager. Nothing is downloaded.
func Binary(name string) (string, error) {
	places := places()
	for _, place := range places {
		path, err := exec.LookPath(filepath.Join(place, name))
		if err == nil {
			return filepath.Abs(path)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("find %s: %w", name, err)
		}
	}
	return "", fmt.Errorf("%s is not in %s: install it with `go run %s@latest use`, or point %s to a directory that has it; "+
		"in a clone of the operator `make control-plane` builds it", name, strings.Join(places, " or "), setupEnvtest, assetsVariable)
}

// places are the directories that may hold the programs, the first one first.
func places() []string {
	var places []string
	if assets := os.Getenv(assetsVariable); assets != "" {
		places = append(places, assets)
	}
	if root, err := ModuleRoot(); err == nil {
		own := filepath.Join(root, "bin", "k8s")
		places = append(append(places, own), installed(own)...) // kubebuilder's Makefiles let setup-envtest install there
	}
	if store, err := envtest.SetupEnvtestDefaultBinaryAssetsDirectory(); err == nil {
		versions := installed(store)
		if len(versions) == 0 {
			versions = []string{store}
		}
		places = append(places, versions...)
	}
	return places
}

// installed are the directories of this platform in a directory of setup-envtest, the newest version first. Their names
// are VERSION-OS-ARCH.
func installed(store string) []string {
	entries, _ := os.ReadDir(store) // one that is not there holds nothing
	versions := map[string]*version.Version{}
	for _, entry := range entries {
		text, ours := strings.CutSuffix(entry.Name(), "-"+runtime.GOOS+"-"+runtime.GOARCH)
		if v, err := version.ParseSemantic(text); ours && err == nil {
			versions[filepath.Join(store, entry.Name())] = v
		}
	}
	return slices.SortedFunc(maps.Keys(versions), func(a, b string) int {
		if versions[a].LessThan(versions[b]) {
			return 1
		}
		return -1
	})
}

// ModuleRoot is the closest directory above the working directory that has a go.mod; go test runs in the package's.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("find the module: no go.mod in the working directory or above")
		}
		dir = filepath.Dir(dir)
	}
}
