package main

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/atlasstreams/operator/atlastest"
)

// write creates a directory tree with the given files and returns its path.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		NewWithT(t).Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
		NewWithT(t).Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	}
	return dir
}

func load(t *testing.T, files map[string]string) *manifests {
	t.Helper()
	m, err := loadManifests(t.Context(), write(t, files), nil)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return m
}

const link = `{apiVersion: atlasstreams.io/v1alpha1, kind: StreamPrivateLink, metadata: {name: l, namespace: ns},
  spec: {projectId: p2, credentialsRef: {name: atlas}}}`

func TestLoadManifests(t *testing.T) {
	t.Run("reads a tree, several documents and lists, and nothing else", func(t *testing.T) {
		g := NewWithT(t)
		m := load(t, map[string]string{
			"a.yaml":     "---\n# nothing\n---\n" + link + "\n---\n{apiVersion: v1, kind: Secret, metadata: {name: s}}",
			"sub/b.json": `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap"}]}`,
			"README.md":  "not: a manifest",
		})
		kinds := []string{}
		for _, object := range m.objects {
			kinds = append(kinds, object.GetKind())
		}
		g.Expect(kinds).To(Equal([]string{"StreamPrivateLink", "Secret", "ConfigMap"}))
		g.Expect(m.ours()).To(HaveLen(1))
	})

	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing of ours":  {map[string]string{"a.yaml": "{apiVersion: v1, kind: Secret}"}, "holds no atlasstreams.io/v1alpha1 resource"},
		"no YAML":          {map[string]string{"a.yaml": "a: b: c"}, "a.yaml"},
		"an empty archive": {nil, "holds no atlasstreams.io/v1alpha1 resource"},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := loadManifests(t.Context(), write(t, test.files), nil)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(test.want)))
		})
	}

	t.Run("refuses a path that is not there", func(t *testing.T) {
		_, err := loadManifests(t.Context(), "no/such/path", nil)
		NewWithT(t).Expect(err).To(MatchError(os.ErrNotExist))
	})
}

func TestMissing(t *testing.T) {
	missing := func(m *manifests) map[string]map[string]string {
		found := map[string]map[string]string{}
		for _, object := range m.missing() {
			values, _, _ := unstructured.NestedStringMap(object.Object, "stringData")
			if object.GetKind() == "ConfigMap" {
				values, _, _ = unstructured.NestedStringMap(object.Object, "data")
			}
			found[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = values
		}
		return found
	}

	t.Run("adds namespaces first, then what is referred to, merged by name", func(t *testing.T) {
		g := NewWithT(t)
		m := load(t, map[string]string{"a.yaml": `
apiVersion: atlasstreams.io/v1alpha1
kind: StreamConnection
metadata: {name: c, namespace: ns}
spec:
  credentialsRef: {name: atlas}
  kafka:
    authentication:
      passwordSecretRef: {name: kafka, key: password}
      sslKeySecretRef: {name: kafka, key: key}
      tlsSecretRef: {name: tls}
    security:
      brokerPublicCertificateRef: {kind: ConfigMap, name: ca, key: ca.crt}
  https:
    headersSecretRef: {name: headers}
  networking:
    privateLinkRef: {name: l}
`})
		g.Expect(missing(m)).To(Equal(map[string]map[string]string{
			"Namespace /ns":     nil,
			"Secret ns/atlas":   {"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret},
			"Secret ns/kafka":   {"password": placeholder, "key": placeholderKey},
			"Secret ns/tls":     {"tls.crt": placeholderCertificate, "tls.key": placeholderKey},
			"Secret ns/headers": {"X-Simulated": placeholder},
			"ConfigMap ns/ca":   {"ca.crt": placeholderCertificate},
		}))
		g.Expect(m.missing()[0].GetKind()).To(Equal("Namespace"))
	})

	t.Run("leaves what the manifests hold alone", func(t *testing.T) {
		m := load(t, map[string]string{"a.yaml": link +
			"\n---\n{apiVersion: v1, kind: Secret, metadata: {name: atlas, namespace: ns}}" +
			"\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: ns}}"})
		NewWithT(t).Expect(m.missing()).To(BeEmpty())
	})

	t.Run("adds the default credentials for the projects that rely on them", func(t *testing.T) {
		g := NewWithT(t)
		m := load(t, map[string]string{"a.yaml": link + "\n---\n" +
			`{apiVersion: atlasstreams.io/v1alpha1, kind: StreamConnection, metadata: {name: c}, spec: {projectId: p1}}`})
		g.Expect(m.needDefaultCredentials()).To(BeTrue())
		g.Expect(missing(m)).To(HaveKeyWithValue("Secret "+operatorNamespace+"/"+defaultCredentials,
			HaveKeyWithValue("projectIds", "p1,p2")))
	})
}

func TestCredentials(t *testing.T) {
	m := load(t, map[string]string{"a.yaml": link + `
---
{apiVersion: v1, kind: Secret, metadata: {name: account}, stringData: {clientId: id, clientSecret: secret}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key}, data: {publicApiKey: cHVibGlj, privateApiKey: cHJpdmF0ZQ==}}
---
{apiVersion: v1, kind: Secret, metadata: {name: incomplete}, stringData: {clientId: alone}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: no-secret}, data: {clientId: a, clientSecret: b}}
`})
	NewWithT(t).Expect(m.credentials()).To(Equal(credentials{
		ServiceAccounts: map[string]string{"id": "secret"},
		APIKeys:         map[string]string{"public": "private"},
	}))
}
