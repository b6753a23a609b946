package testenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// assetsVariable names the directory that is searched before bin/k8s, as for any envtest suite.
const assetsVariable = "KUBEBUILDER_ASSETS"

// Binary returns the absolute path of one program of the control plane: etcd, kube-apiserver, kubectl or
// kube-controller-manager. KUBEBUILDER_ASSETS comes first, then bin/k8s of the module that holds the working directory;
// each program is looked up by itself, because ready-made assets rarely have a kube-controller-manager.
func Binary(name string) (string, error) {
	var places []string
	if assets := os.Getenv(assetsVariable); assets != "" {
		places = append(places, assets)
	}
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	places = append(places, filepath.Join(root, "bin", "k8s"))

	for _, place := range places {
		path, err := exec.LookPath(filepath.Join(place, name))
		if err == nil {
			return filepath.Abs(path)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("find %s: %w", name, err)
		}
	}
	return "", fmt.Errorf("%s is not in %s: run `make control-plane` once (`make test` and `make demo` do), "+
		"or point %s to a directory that has it", name, strings.Join(places, " or "), assetsVariable)
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
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module: no go.mod in the working directory or above")
		}
		dir = parent
	}
}
