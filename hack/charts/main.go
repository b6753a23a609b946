// Command charts writes what the Helm charts take from elsewhere in the tree: the resource definitions, the rules of the
// manager's roles, and the part of a values schema that follows from the resource definitions.
//
//	charts [OUTPUT_DIR]
//
// It runs in the root of the module; OUTPUT_DIR is charts unless it is given.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/config/crd"
)

func main() {
	output := "charts"
	if len(os.Args) > 1 {
		output = os.Args[1]
	}
	if err := run(output); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(output string) error {
	return errors.Join(
		copyCRDs(filepath.Join(output, "atlas-streams-crds", "files")),
		copyRules(filepath.Join(output, "atlas-streams-operator", "files")),
		writeSchema(filepath.Join(output, "atlas-streams", "values.schema.json")),
	)
}

// copyCRDs replaces what is in the directory by the resource definitions as they are.
func copyCRDs(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove old resource definitions: %w", err)
	}
	files, err := fs.Glob(crd.FS, "bases/*.yaml")
	if err != nil {
		return fmt.Errorf("list the resource definitions: %w", err)
	}
	for _, file := range files {
		data, err := crd.FS.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read a resource definition: %w", err)
		}
		if err := write(filepath.Join(dir, filepath.Base(file)), data); err != nil {
			return err
		}
	}
	return nil
}

// copyRules takes the rules, and nothing else, out of the roles of config/rbac.
func copyRules(dir string) error {
	roles := map[string]string{
		"role.yaml":                 "manager-rules.yaml",
		"leader_election_role.yaml": "leader-election-rules.yaml",
		"metrics_auth_role.yaml":    "metrics-auth-rules.yaml",
	}
	for source, target := range roles {
		data, err := os.ReadFile(filepath.Join("config", "rbac", source))
		if err != nil {
			return fmt.Errorf("read a role: %w", err)
		}
		var role struct {
			Rules []any `json:"rules"`
		}
		if err := yaml.Unmarshal(data, &role); err != nil {
			return fmt.Errorf("read %s: %w", source, err)
		}
		rules, err := yaml.Marshal(role)
		if err != nil {
			return fmt.Errorf("write the rules of %s: %w", source, err)
		}
		if err := write(filepath.Join(dir, target), rules); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	return os.WriteFile(path, data, 0o644)
}
