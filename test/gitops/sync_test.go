package gitops_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
)

// argoManager is the field manager of Argo CD's server-side applies.
const argoManager = "argocd-controller"

// samples writes all samples to a directory, as they are but for what is known later, and makes Atlas ready for them.
func (s *stage) samples() (dir string, objects []*unstructured.Unstructured) {
	s.t.Helper()
	files, err := filepath.Glob("config/samples/*.yaml")
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(len(files)).To(BeNumerically(">", 30))
	dir = s.t.TempDir()
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		found, err := manifests(file)
		s.Expect(err).NotTo(HaveOccurred())
		for _, object := range found {
			s.prepare(object)
			text, err := yaml.Marshal(object.Object)
			s.Expect(err).NotTo(HaveOccurred())
			name := strings.ToLower(object.GetKind()) + "-" + object.GetName() + ".yaml"
			s.Expect(os.WriteFile(filepath.Join(dir, name), text, 0o600)).To(Succeed())
			objects = append(objects, object)
		}
	}
	return dir, objects
}

func (s *stage) prepare(sample *unstructured.Unstructured) {
	field := func(path ...string) string {
		value, _, _ := unstructured.NestedString(sample.Object, path...)
		return value
	}
	switch {
	case sample.GetName() == "atlas-credentials":
		s.atlas.AddServiceAccount(field("stringData", "clientId"), field("stringData", "clientSecret"))
	case field("spec", "vendor") == "CONFLUENT" && field("spec", "dnsDomain") == "":
		s.Expect(unstructured.SetNestedField(sample.Object, "ap1.us-east-1.aws.accesspoint.confluent.cloud", "spec", "dnsDomain")).To(Succeed())
	case sample.GetKind() == "PrivateEndpointService":
		fields := map[string]any{}
		if region := field("spec", "regionName"); region != "" {
			fields["regionName"] = region
		}
		id := s.atlas.PutPrivateEndpointService(project, field("spec", "cloudProvider"), fields, "")
		if field("spec", "id") != "" {
			s.Expect(unstructured.SetNestedField(sample.Object, id, "spec", "id")).To(Succeed())
		}
	}
}

// What was applied stays in sync, whichever way the tool looks: the operator never writes a spec, and no default of the
// API server makes a difference.
func TestNoDiffAfterSync(t *testing.T) {
	for name, how := range map[string]struct{ apply, diff []string }{
		"server-side": {
			apply: []string{"apply", "--server-side", "--field-manager=" + argoManager},
			diff:  []string{"diff", "--server-side", "--field-manager=" + argoManager},
		},
		"client-side": {apply: []string{"apply"}, diff: []string{"diff"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, atlastest.WithDurations(atlastest.Durations{}))
			s.startManager()
			dir, samples := s.samples()
			out, err := s.kubectl(append(how.apply, "-f", dir)...)
			s.Expect(err).NotTo(HaveOccurred(), out)
			out, err = s.kubectl("wait", "--for=condition=Ready", "spl,sconn,pes", "--all", "--timeout="+patience.String())
			s.Expect(err).NotTo(HaveOccurred(), out)

			out, err = s.kubectl(append(how.diff, "-f", dir)...)
			s.Expect(err).NotTo(HaveOccurred(), out) // differences are status 1
			for _, sample := range samples {
				s.expectOnlyStatusAndFinalizer(sample)
			}
			s.expectDiffAfterChange(how.diff)
		})
	}
}

// expectDiffAfterChange: the silence before was not that of a broken diff.
func (s *stage) expectDiffAfterChange(diff []string) {
	s.t.Helper()
	sample, err := manifests("config/samples/streamconnection-https.yaml")
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(unstructured.SetNestedField(sample[0].Object, "https://elsewhere.example.com", "spec", "https", "url")).To(Succeed())
	text, err := yaml.Marshal(sample[0].Object)
	s.Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(s.t.TempDir(), "changed.yaml")
	s.Expect(os.WriteFile(file, text, 0o600)).To(Succeed())
	out, err := s.kubectl(append(diff, "-f", file)...)
	s.Expect(err).To(HaveOccurred())
	s.Expect(out).To(ContainSubstring("+    url: https://elsewhere.example.com"))
}

// expectOnlyStatusAndFinalizer: nobody but the one who applied it owns anything else of a resource of ours.
func (s *stage) expectOnlyStatusAndFinalizer(sample *unstructured.Unstructured) {
	s.t.Helper()
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(sample.GroupVersionKind())
	s.Expect(world.Kube.Get(s.t.Context(), client.ObjectKey{Namespace: s.namespace, Name: sample.GetName()}, live)).To(Succeed())
	others := 0
	for _, entry := range live.GetManagedFields() {
		if entry.Manager == argoManager || strings.HasPrefix(entry.Manager, "kubectl") {
			continue
		}
		others++
		fields := map[string]map[string]any{}
		s.Expect(json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields)).To(Succeed())
		for key := range maps.Keys(fields) {
			s.Expect(key).To(BeElementOf("f:status", "f:metadata"), "%s of %s", entry.Manager, sample.GetName())
		}
		for key := range maps.Keys(fields["f:metadata"]) {
			s.Expect(key).To(Equal("f:finalizers"), "%s of %s", entry.Manager, sample.GetName())
		}
	}
	if sample.GroupVersionKind().Group == v1alpha1.GroupVersion.Group {
		s.Expect(others).To(BeNumerically(">", 0), "the operator wrote a status")
	}
}

// Two tools may share a resource: each owns its fields, neither touches the other's or ours, and a quarrel is an error.
func TestServerSideApplyByTwoManagers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	connection := s.https("hook")
	apply := func(manager string, fields map[string]any) error {
		object := &unstructured.Unstructured{Object: fields}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("StreamConnection"))
		object.SetNamespace(s.namespace)
		object.SetName(connection.Name)
		return world.Kube.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(manager))
	}
	spec := map[string]any{
		"projectId": project, "credentialsRef": map[string]any{"name": "atlas"}, "workspaceName": workspace,
		"type": "Https", "https": map[string]any{"url": "https://example.com/hook"},
	}
	s.Expect(apply(argoManager, map[string]any{"spec": spec})).To(Succeed())
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	s.Expect(apply("team", map[string]any{
		"metadata": map[string]any{"labels": map[string]any{"team": "orders"}},
		"spec":     map[string]any{"deletionPolicy": "Retain"},
	})).To(Succeed())
	s.Expect(apply(argoManager, map[string]any{"spec": spec})).To(Succeed())
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	s.Expect(connection.Spec.DeletionPolicy).To(Equal(v1alpha1.Retain))
	s.Expect(connection.Labels).To(HaveKeyWithValue("team", "orders"))
	s.Expect(connection.Finalizers).To(ContainElement(v1alpha1.Finalizer))

	err := apply("team", map[string]any{"spec": map[string]any{"https": map[string]any{"url": "https://example.com/mine"}}})
	s.Expect(err).To(MatchError(ContainSubstring(argoManager)), "a conflict that names the owner")
	s.Expect(apply("team", map[string]any{})).To(Succeed(), "gives up what it had")
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	s.Expect(connection.Labels).NotTo(HaveKey("team"))
	s.Expect(connection.Spec.DeletionPolicy).To(Equal(v1alpha1.Delete))
}

// kubectl wait neither takes an old answer for one of this generation nor waits in vain.
func TestKubectlWait(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.startManager()
	hook, link := s.https("hook"), s.link("way")
	s.Create(hook, link)
	out, err := s.kubectl("wait", "--for=condition=Ready", "sconn/hook", "--timeout="+patience.String())
	s.Expect(err).NotTo(HaveOccurred(), out)
	s.Await(link, v1alpha1.ConditionReady, "False Working")
	out, err = s.kubectl("wait", "--for=condition=Ready", "spl/way", "--timeout=1s")
	s.Expect(err).To(HaveOccurred())
	s.Expect(out).To(ContainSubstring("timed out"))

	stop()
	kubetest.Edit(s.Client, hook, func(c *v1alpha1.StreamConnection) { c.Spec.HTTPS.URL = "https://example.com/new" })
	out, err = s.kubectl("wait", "--for=condition=Ready", "sconn/hook", "--timeout=1s")
	s.Expect(err).To(HaveOccurred(), "True is about the generation before")
	s.Expect(out).To(ContainSubstring("timed out"))

	s.startManager()
	out, err = s.kubectl("wait", "--for=condition=Ready", "sconn/hook", "--timeout="+patience.String())
	s.Expect(err).NotTo(HaveOccurred(), out)
	s.Expect(s.atlas.Connections(project, workspace)).To(ConsistOf(
		HaveField("Fields", HaveKeyWithValue("url", "https://example.com/new"))))
}
