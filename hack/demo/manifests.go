package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// manifests holds what the demo applies.
type manifests struct {
	// args are the kubectl arguments that select the manifests.
	args    []string
	objects []*unstructured.Unstructured
}

// loadManifests reads a file, a directory tree or a kustomization.
func loadManifests(ctx context.Context, path string, k *kubectl) (*manifests, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	m := &manifests{args: []string{"-R", "-f", path}}
	if info.IsDir() && isKustomization(path) {
		m.args = []string{"-k", path}
		rendered, err := k.output(ctx, "kustomize", path)
		if err != nil {
			return nil, fmt.Errorf("samples: %w", err)
		}
		err = m.decode(rendered, path)
		return m, errors.Join(err, m.check(path))
	}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return m.decode(data, file)
	})
	return m, errors.Join(err, m.check(path))
}

func isKustomization(dir string) bool {
	return slices.ContainsFunc([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
}

func (m *manifests) decode(data []byte, source string) error {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("samples: read %s: %w", source, err)
		case len(object.Object) == 0: // empty document
		case object.IsList():
			err := object.EachListItem(func(item runtime.Object) error {
				m.objects = append(m.objects, item.(*unstructured.Unstructured))
				return nil
			})
			if err != nil {
				return fmt.Errorf("samples: read %s: %w", source, err)
			}
		default:
			m.objects = append(m.objects, object)
		}
	}
}

func (m *manifests) check(path string) error {
	if len(m.ours()) == 0 {
		return fmt.Errorf("samples: %s holds no %s resource", path, v1alpha1.GroupVersion)
	}
	return nil
}

// ours returns the resources that the operator manages.
func (m *manifests) ours() []*unstructured.Unstructured {
	var ours []*unstructured.Unstructured
	for _, object := range m.objects {
		if object.GroupVersionKind().Group == v1alpha1.GroupVersion.Group {
			ours = append(ours, object)
		}
	}
	return ours
}

// retained counts the resources whose object is kept in Atlas after their deletion.
func (m *manifests) retained() int {
	count := 0
	for _, object := range m.ours() {
		policy, _, _ := unstructured.NestedString(object.Object, "spec", "deletionPolicy")
		if policy == string(v1alpha1.Retain) {
			count++
		}
	}
	return count
}

// credentials returns all credentials for Atlas in the Secrets of the manifests.
func (m *manifests) credentials() credentials {
	found := credentials{ServiceAccounts: map[string]string{}, APIKeys: map[string]string{}}
	for _, object := range m.objects {
		if object.GetKind() != "Secret" {
			continue
		}
		value := func(key string) string { return secretValue(object, key) }
		if id, secret := value("clientId"), value("clientSecret"); id != "" && secret != "" {
			found.ServiceAccounts[id] = secret
		}
		if public, private := value("publicApiKey"), value("privateApiKey"); public != "" && private != "" {
			found.APIKeys[public] = private
		}
	}
	return found
}

func secretValue(secret *unstructured.Unstructured, key string) string {
	if text, found, _ := unstructured.NestedString(secret.Object, "stringData", key); found {
		return text
	}
	encoded, _, _ := unstructured.NestedString(secret.Object, "data", key)
	decoded, _ := base64.StdEncoding.DecodeString(encoded) // kubectl reports invalid base64
	return string(decoded)
}
