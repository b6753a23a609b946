package charts_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv"
)

const (
	installManifest   = "dist/install.yaml"
	operatorNamespace = "atlas-streams-operator-system"
	operatorName      = "atlas-streams-operator"
)

// The static install is the charts' defaults, object by object and member by member, but for:
//   - the Namespace, which Helm makes by --create-namespace;
//   - the labels that say what installed the objects, and in which version;
//   - the annotation that makes Helm keep the resource definitions.
func TestStaticInstallEqualsTheCharts(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	manifest, err := os.ReadFile(installManifest)
	g.Expect(err).NotTo(HaveOccurred())
	static := decode(t, string(manifest))
	charts := append(template(t, operatorName, operatorChart, operatorNamespace),
		template(t, operatorName, crdsChart, operatorNamespace)...)

	namespaces := static.ofKind("Namespace")
	g.Expect(namespaces.names()).To(ConsistOf("Namespace/" + operatorNamespace))
	g.Expect(namespaces[0].GetLabels()).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))
	static = slices.DeleteFunc(static, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Namespace" })

	g.Expect(static.names()).To(ConsistOf(charts.names()))
	byName := map[string]*unstructured.Unstructured{}
	for i, name := range charts.names() {
		byName[name] = normalised(charts[i])
	}
	for i, name := range static.names() {
		g.Expect(normalised(static[i]).Object).To(Equal(byName[name].Object), name)
	}
}

// normalised is the object without what the tools say about themselves.
func normalised(object *unstructured.Unstructured) *unstructured.Unstructured {
	object = object.DeepCopy()
	labels := object.GetLabels()
	maps.DeleteFunc(labels, func(name, _ string) bool {
		return name == "helm.sh/chart" || name == "app.kubernetes.io/managed-by" || name == "app.kubernetes.io/version"
	})
	object.SetLabels(labels)
	annotations := object.GetAnnotations()
	delete(annotations, "helm.sh/resource-policy")
	object.SetAnnotations(annotations)
	return object
}

// The static install, as it is, serves the demo: the manager has the arguments of the Deployment and the rights of its
// account; only where it finds Atlas, and what a process beside the cluster cannot know or have, is added.
func TestStaticInstallServesTheDemo(t *testing.T) {
	s := newStage(t, bareCluster(t, testenv.Options{ControllerManager: true}))
	dir := clone(t)
	s.runDoc(dir, "docs/install.md", "static")
	s.runManager(s.installed(operatorNamespace, operatorName+"-controller-manager"), s.beside(operatorNamespace)...)

	s.mustKubectl(t, "apply", "-R", "-f", "config/samples/demo")
	links, connections := &v1alpha1.StreamPrivateLinkList{}, &v1alpha1.StreamConnectionList{}
	s.Expect(s.kube.List(t.Context(), links)).To(Succeed())
	s.Expect(s.kube.List(t.Context(), connections)).To(Succeed())
	s.Expect(len(links.Items) * len(connections.Items)).To(BeNumerically(">", 0))
	for i := range links.Items {
		s.AwaitReady(&links.Items[i])
	}
	for i := range connections.Items {
		s.AwaitReady(&connections.Items[i])
	}
	s.mustKubectl(t, "delete", "-R", "-f", "config/samples/demo", "--ignore-not-found", "--wait=false")
	for i := range links.Items {
		s.AwaitGone(&links.Items[i])
	}
	s.Eventually(func(g Gomega) { g.Expect(s.atlas.Connections(project, workspace)).To(BeEmpty()) }).Should(Succeed())
	s.ExpectNoOrphans(s.atlas)
	s.runDoc(dir, "docs/uninstall.md", "static")
	s.Expect(s.mustKubectl(t, "get", "crd,clusterrole,clusterrolebinding,namespace", "--output", "name")).NotTo(ContainSubstring("atlas"))
}
