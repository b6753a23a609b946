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

// Binary returns the absolute path of one program of the control plane: etcd, kube-apiserver, kubectl or
// kube-controller-manager. KUBEBUILDER_ASSETS comes first, then bin/k8s of the module that holds the working directory,
// then the newest version that setup-envtest has installed; each program is looked up by itself, because ready-made
// assets rarely have a kube-controller-manager. Nothing is downloaded.
func Binary(name string) (string, error) {
	var places []string
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		places = append(places, assets)
	}
	if root, err := ModuleRoot(); err == nil {
		places = append(places, filepath.Join(root, "bin", "k8s")) // kubebuilder's Makefiles let setup-envtest install there
	}
	if store, err := envtest.SetupEnvtestDefaultBinaryAssetsDirectory(); err == nil {
		places = append(places, store)
	}
	for _, place := range places {
		for _, dir := range append([]string{place}, installed(place)...) {
			path, err := exec.LookPath(filepath.Join(dir, name))
			if err == nil {
				return filepath.Abs(path)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("find %s: %w", name, err)
			}
		}
	}
	return "", fmt.Errorf("%s is not in %s: install it with `go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use`, "+
		"or point KUBEBUILDER_ASSETS to a directory that has it; in a clone of the operator `make control-plane` builds it",
		name, strings.Join(places, " or "))
}

// installed are the directories of this platform in a directory of setup-envtest, the newest version first. Their names
// are VERSION-OS-ARCH.
func installed(store string) []string {
	dirs, _ := filepath.Glob(filepath.Join(store, "*-"+runtime.GOOS+"-"+runtime.GOARCH)) // the pattern is valid
	versions := map[string]*version.Version{}
	for _, dir := range dirs {
		if v, err := version.ParseSemantic(filepath.Base(dir)); err == nil {
			versions[dir] = v
		}
	}
	return slices.SortedFunc(maps.Keys(versions), func(a, b string) int {
		order, _ := versions[b].Compare(filepath.Base(a)) // it was parsed
		return order
	})
}

// ModuleRoot is the closest directory above the working directory that has a go.mod; go test runs in the package's.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("no go.mod in the working directory or above")
		}
	}
	return "", fmt.Errorf("find the module: %w", err)
}
