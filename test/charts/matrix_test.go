package charts_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/test/internal/manifest"
)

const operatorMatrix = "test/charts/testdata/operator"

// productionValues is the file that docs/install.md explains.
const productionValues = operatorChart + "/values-production.yaml"

// matrix are the values files of the operator's chart.
func matrix(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(operatorMatrix + "/*.yaml")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(files)).To(BeNumerically(">=", 7))
	return append(files, productionValues)
}

func TestLint(t *testing.T) {
	t.Parallel()
	for _, chart := range []string{operatorChart, crdsChart, streamsChart} {
		world.mustHelm(t, "lint", "--strict", chart)
	}
	for _, values := range matrix(t) {
		world.mustHelm(t, "lint", "--strict", operatorChart, "--values", values)
	}
}

// Whatever the values are, the API server takes all that is rendered, unknown fields refused, and takes it again
// without a change; and the pod passes the restricted Pod Security Standard.
func TestEverythingRenderedApplies(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	for _, namespace := range []string{"team-a", "team-b", "ops-credentials", "ops"} {
		s.Create(manifest.Namespace(namespace))
	}
	s.defineMonitoring(t)
	s.mustKubectl(t, "label", "namespace", s.namespace, "pod-security.kubernetes.io/enforce=restricted")
	longest := s.release + strings.Repeat("x", 53-len(s.release)) // Helm takes no longer names
	for _, values := range matrix(t) {
		t.Run(strings.TrimSuffix(filepath.Base(values), ".yaml"), func(t *testing.T) {
			g := NewWithT(t)
			all := template(t, longest, operatorChart, s.namespace, "--values", values)
			for _, object := range all {
				first := s.apply(t, object)
				g.Expect(s.apply(t, object).GetResourceVersion()).To(Equal(first.GetResourceVersion()), "a second apply changes nothing")
			}
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, GenerateName: "pod-"},
				Spec:       all.deployment(t).Spec.Template.Spec,
			}
			g.Expect(s.kube.Create(t.Context(), pod, client.DryRunAll)).To(Succeed(), "restricted")
			for _, object := range all {
				g.Expect(s.kube.Delete(t.Context(), object)).To(Succeed())
			}
		})
	}
}

// defineMonitoring installs the resource definitions of the Prometheus operator.
func (c *cluster) defineMonitoring(t *testing.T) {
	t.Helper()
	c.mustKubectl(t, "apply", "--server-side", "-f", "test/charts/testdata/monitoring-crds.yaml")
	c.mustKubectl(t, "wait", "--for=condition=Established", "-f", "test/charts/testdata/monitoring-crds.yaml")
}

// apply applies on the server, which refuses fields that it does not know.
func (c *cluster) apply(t *testing.T, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	applied := object.DeepCopy()
	NewWithT(t).Expect(c.kube.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(applied),
		client.FieldOwner("charts-test"))).To(Succeed(), "%s", objects{object}.names())
	return applied
}

// What belongs to no namespace is only there where there is no other way, and can be left out altogether.
func TestClusterRoles(t *testing.T) {
	t.Parallel()
	people := []string{
		"x-privateendpointservice-editor-role", "x-privateendpointservice-viewer-role", "x-streamconnection-editor-role",
		"x-streamconnection-viewer-role", "x-streamprivatelink-editor-role", "x-streamprivatelink-viewer-role",
	}
	for name, c := range map[string]struct {
		values          string
		roles, bindings []string
	}{
		"all namespaces": {
			"defaults", append([]string{"x-manager-role", "x-metrics-auth-role", "x-metrics-reader"}, people...),
			[]string{"x-manager-rolebinding", "x-metrics-auth-rolebinding"},
		},
		"named namespaces": {
			"namespaces", append([]string{"x-metrics-auth-role", "x-metrics-reader"}, people...),
			[]string{"x-metrics-auth-rolebinding"},
		},
		"none":      {"no-cluster-roles", nil, nil},
		"elsewhere": {"bring-your-own", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			args := []string{"--values", filepath.Join(operatorMatrix, c.values+".yaml")}
			if name != "elsewhere" {
				args = append(args, "--set", "fullnameOverride=x")
			}
			all := template(t, "x", operatorChart, "ops", args...)
			namesOf := func(kind string) []string {
				var names []string
				for _, object := range all.ofKind(kind) {
					names = append(names, object.GetName())
				}
				slices.Sort(names)
				return names
			}
			slices.Sort(c.roles)
			g.Expect(namesOf("ClusterRole")).To(Equal(c.roles))
			g.Expect(namesOf("ClusterRoleBinding")).To(Equal(c.bindings))
			if name == "elsewhere" {
				g.Expect(all.names()).To(ConsistOf("ops/Deployment/team-streams-controller-manager"))
			}
		})
	}
}

// Values that cannot work are refused, and the message says what to do.
func TestOperatorValuesRefused(t *testing.T) {
	t.Parallel()
	for values, message := range map[string]string{
		"replicas=2,leaderElection.enabled=false":                                          "more than one needs leaderElection.enabled",
		"privateCA.configMapName=a,privateCA.secretName=b":                                 "set configMapName or secretName, not both",
		"defaultCredentials.namespaces={shop}":                                             "needs defaultCredentials.secretName",
		"serviceAccount.create=false":                                                      "serviceAccount.name is required",
		"podDisruptionBudget.minAvailable=1,podDisruptionBudget.maxUnavailable=1":          "set minAvailable or maxUnavailable",
		"podDisruptionBudget.minAvailable=0,podDisruptionBudget.maxUnavailable=0":          "set minAvailable or maxUnavailable",
		"podDisruptionBudget.enabled=true,podDisruptionBudget.minAvailable=1":              "podDisruptionBudget.minAvailable: 1 of 1 replicas",
		"replicas=3,podDisruptionBudget.enabled=true,podDisruptionBudget.minAvailable=67%": "podDisruptionBudget.minAvailable: 67% of 3 replicas",
		"metrics.enabled=false,metrics.serviceMonitor.enabled=true":                        "needs metrics.enabled",
		"metrics.serviceMonitor.enabled=true":                                              "metrics.serviceMonitor.tlsConfig: say how Prometheus checks",
		"metrics.port=8081":                                                                "have to differ",
		"atlas.requestTimeout=2m":                                                          "terminationGracePeriodSeconds: a call to Atlas of 2m (atlas.requestTimeout) needs at least 135",
		"image.digest=latest":                                                              "image/digest",
		"replica=2":                                                                        "replica",
		"atlas.requestTimeout=30":                                                          "requestTimeout",
		"watch.namespaces=shop":                                                            "watch/namespaces",
		"log.level=loud":                                                                   "log/level",
		"metrics.serviceMonitor.enable=yes":                                                "enable",
	} {
		t.Run(values, func(t *testing.T) {
			g := NewWithT(t)
			_, err := world.helm(t.Context(), "template", "x", operatorChart, "--set", values)
			g.Expect(err).To(MatchError(ContainSubstring(message)))
		})
	}
}

func TestImage(t *testing.T) {
	t.Parallel()
	chart, err := os.ReadFile(operatorChart + "/Chart.yaml")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	_, after, _ := strings.Cut(string(chart), "\nappVersion: ")
	version, _, _ := strings.Cut(after, "\n")
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for set, want := range map[string]string{
		"replicas=1":                              "atlasstreams/atlas-streams-operator:" + version,
		"image.registry=r.example.com:5000":       "r.example.com:5000/atlasstreams/atlas-streams-operator:" + version,
		"image.registry=r/,image.repository=a/b":  "r/a/b:" + version,
		"image.tag=v2":                            "atlasstreams/atlas-streams-operator:v2",
		"image.tag=v2,image.digest=" + digest:     "atlasstreams/atlas-streams-operator@" + digest,
		"image.registry=r,global.imageRegistry=g": "g/atlasstreams/atlas-streams-operator:" + version,
	} {
		t.Run(set, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(template(t, "x", operatorChart, "ops", "--set", set).deployment(t).Spec.Template.Spec.Containers[0].Image).To(Equal(want))
		})
	}
}
