package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// KubeconfigFor writes a kubeconfig file that authenticates as the given user and groups, and returns its path. The
// name of a service account (system:serviceaccount:NAMESPACE:NAME) gives exactly that account's rights. The file is
// gone after Stop.
func (e *Environment) KubeconfigFor(user string, groups ...string) (string, error) {
	account, err := e.envtest.AddUser(envtest.User{Name: user, Groups: groups}, nil)
	if err != nil {
		return "", fmt.Errorf("make a kubeconfig for %s: %w", user, err)
	}
	data, err := account.KubeConfig()
	if err != nil {
		return "", fmt.Errorf("make a kubeconfig for %s: %w", user, err)
	}
	path := filepath.Join(e.dir, strings.ReplaceAll(user, ":", "-")+".kubeconfig")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", fmt.Errorf("make a kubeconfig for %s: %w", user, err)
	}
	return path, nil
}
