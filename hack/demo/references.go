package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv/keypair"
)

// placeholder replaces values that the manifests reference but do not contain. The simulator accepts any.
const placeholder = "simulated"

// placeholderKey has a valid form, because the operator parses keys. Its algorithm is unknown, so that it is not
// compared with the certificate.
const placeholderKey = "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n"

// placeholderCertificate is valid for a year from now.
var placeholderCertificate = keypair.New().Certificate(time.Now(), time.Now().AddDate(1, 0, 0))

// defaultCredentials is the Secret of the operator's default credentials, created if a manifest relies on them.
const defaultCredentials = "default-credentials"

// reference identifies an object that a manifest references.
type reference struct{ kind, namespace, name string }

// missing returns the objects that the manifests reference but do not contain: namespaces, and Secrets and ConfigMaps
// with values that the simulator accepts. Manifests for a real cluster rarely contain their Secrets.
func (m *manifests) missing() []*unstructured.Unstructured {
	wanted := map[reference]map[string]string{}
	for _, object := range m.ours() {
		namespace := cmp.Or(object.GetNamespace(), "default")
		if namespace != "default" {
			wanted[reference{kind: "Namespace", name: namespace}] = nil
		}
		collect(wanted, namespace, object.Object["spec"])
	}
	if m.needDefaultCredentials() {
		values := simulatedCredentials()
		values["projectIds"] = strings.Join(m.projects(), ",")
		wanted[reference{"Secret", operatorNamespace, defaultCredentials}] = values
	}
	for _, object := range m.objects {
		delete(wanted, reference{object.GetKind(), object.GetNamespace(), object.GetName()})
		delete(wanted, reference{object.GetKind(), cmp.Or(object.GetNamespace(), "default"), object.GetName()})
	}
	return objects(wanted)
}

// objects creates the referenced objects, namespaces first, because the others depend on them.
func objects(wanted map[reference]map[string]string) []*unstructured.Unstructured {
	order := slices.SortedFunc(maps.Keys(wanted), func(a, b reference) int {
		// A namespace has an empty namespace itself, so that it sorts first.
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	made := make([]*unstructured.Unstructured, len(order))
	for i, ref := range order {
		made[i] = ref.object(wanted[ref])
	}
	return made
}

func (r reference) object(values map[string]string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": r.kind}}
	object.SetName(r.name)
	object.SetNamespace(r.namespace)
	data := map[string]any{}
	for key, value := range values {
		data[key] = value
	}
	switch r.kind {
	case "Secret":
		object.Object["stringData"] = data
	case "ConfigMap":
		object.Object["data"] = data
	}
	return object
}

// collect adds the references of a part of a spec.
func collect(wanted map[reference]map[string]string, namespace string, part any) {
	switch part := part.(type) {
	case []any:
		for _, item := range part {
			collect(wanted, namespace, item)
		}
	case map[string]any:
		for field, member := range part {
			kind, name, values := referred(field, member)
			if name == "" {
				collect(wanted, namespace, member)
				continue
			}
			ref := reference{kind, namespace, name}
			if wanted[ref] == nil {
				wanted[ref] = map[string]string{}
			}
			maps.Copy(wanted[ref], values)
		}
	}
}

// referred returns the object that a field references, with its required values. An empty name means no reference.
func referred(field string, member any) (kind, name string, values map[string]string) {
	ref, _ := member.(map[string]any)
	text := func(key string) string { s, _ := ref[key].(string); return s }
	name, key := text("name"), text("key")
	switch {
	case field == "credentialsRef":
		return "Secret", name, simulatedCredentials()
	case field == "tlsSecretRef":
		return "Secret", name, map[string]string{"tls.crt": placeholderCertificate, "tls.key": placeholderKey}
	case field == "headersSecretRef":
		return "Secret", name, map[string]string{"X-Simulated": placeholder}
	case field == "brokerPublicCertificateRef":
		return cmp.Or(text("kind"), "Secret"), name, map[string]string{key: placeholderCertificate}
	case field == "sslKeySecretRef":
		return "Secret", name, map[string]string{key: placeholderKey}
	case strings.HasSuffix(field, "SecretRef"):
		return "Secret", name, map[string]string{key: placeholder}
	default:
		return "", "", nil
	}
}

func simulatedCredentials() map[string]string {
	return map[string]string{"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret}
}

// needDefaultCredentials reports whether a manifest relies on the operator's default credentials.
func (m *manifests) needDefaultCredentials() bool {
	return slices.ContainsFunc(m.ours(), func(object *unstructured.Unstructured) bool {
		_, has, _ := unstructured.NestedMap(object.Object, "spec", "credentialsRef")
		return !has
	})
}

// projects returns all Atlas projects in the manifests.
func (m *manifests) projects() []string {
	var projects []string
	for _, object := range m.ours() {
		if project, _, _ := unstructured.NestedString(object.Object, "spec", "projectId"); project != "" {
			projects = append(projects, project)
		}
	}
	slices.Sort(projects)
	return slices.Compact(projects)
}
