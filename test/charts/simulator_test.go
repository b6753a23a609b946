package charts_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
)

const (
	simulatorChart  = "charts/atlas-simulator"
	simulatorMatrix = "test/charts/testdata/simulator"
)

// buildSimulator builds the simulator into a directory and returns the program's path.
func buildSimulator(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "atlas-simulator")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "./cmd/atlas-simulator")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the simulator: %w\n%s", err, out)
	}
	return program, nil
}

// runSimulator runs the simulator as the cluster would run the pod of the Deployment: with its arguments and the Secret
// that it mounts. It returns the address, which takes the place of the Service's.
func (s *stage) runSimulator(deployment *appsv1.Deployment) string {
	s.t.Helper()
	pod := deployment.Spec.Template.Spec
	secret := &corev1.Secret{}
	s.Expect(s.kube.Get(s.t.Context(), client.ObjectKey{Namespace: deployment.Namespace, Name: pod.Volumes[0].Secret.SecretName}, secret)).To(Succeed())
	file := filepath.Join(s.t.TempDir(), "credentials.json")
	s.Expect(os.WriteFile(file, secret.Data["credentials.json"], 0o600)).To(Succeed())
	address := manager.FreeAddress(s.t)
	process, err := s.env.Run(fmt.Sprintf("simulator-%d", world.Number()), nil, world.simulator,
		append(pod.Containers[0].Args, "--listen="+address, "--credentials-file="+file)...)
	s.Expect(err).NotTo(HaveOccurred())
	s.t.Cleanup(func() { s.Expect(process.Stop()).To(Succeed()) })
	url := "http://" + address
	s.Eventually(func() error {
		_, err := s.get(url, "")
		return err
	}).Should(Succeed(), process.Log())
	return url
}

// The API server takes whatever the chart renders, and the pod passes the restricted Pod Security Standard.
func TestSimulatorApplies(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.mustKubectl(t, "label", "namespace", s.namespace, "pod-security.kubernetes.io/enforce=restricted")
	for _, values := range []string{"defaults", "everything"} {
		file := filepath.Join(simulatorMatrix, values+".yaml")
		s.mustHelm(t, "lint", "--strict", simulatorChart, "--values", file)
		all := template(t, s.release+strings.Repeat("x", 53-len(s.release)), simulatorChart, s.namespace, "--values", file)
		for _, object := range all {
			first := s.apply(t, object)
			s.Expect(s.apply(t, object).GetResourceVersion()).To(Equal(first.GetResourceVersion()), "a second apply changes nothing")
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, GenerateName: "pod-"}, Spec: all.deployment(t).Spec.Template.Spec}
		s.Expect(s.kube.Create(t.Context(), pod, client.DryRunAll)).To(Succeed(), "restricted")
		for _, object := range all {
			s.Expect(s.kube.Delete(t.Context(), object)).To(Succeed())
		}
	}
}

// Every flag that does not concern TLS has a value, and what is rendered is a flag.
func TestEveryFlagOfTheSimulatorIsAValue(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	help, err := exec.CommandContext(t.Context(), world.simulator, "--help").CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(help))
	known := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
		if !strings.HasPrefix(match[1], "tls-") {
			known[match[1]] = true
		}
	}
	g.Expect(len(known)).To(BeNumerically(">", 15), string(help))
	args := template(t, "x", simulatorChart, "ops", "--values", simulatorMatrix+"/everything.yaml").
		deployment(t).Spec.Template.Spec.Containers[0].Args
	rendered := map[string]bool{}
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		rendered[name] = true
	}
	g.Expect(rendered).To(Equal(known))
}

func TestSimulatorValuesRefused(t *testing.T) {
	t.Parallel()
	for values, message := range map[string]string{
		"credentials.clientSecret=": "clientId and clientSecret need each other",
		"credentials.publicApiKey=": "publicApiKey and privateApiKey need each other",
		"credentials.clientId=,credentials.clientSecret=,credentials.publicApiKey=,credentials.privateApiKey=": "set a service account, an API key, or existingSecret",
		"workspaces={streams}": "workspaces/0",
		"delays.working=35":    "working",
		"replicas=2":           "replicas",
	} {
		t.Run(values, func(t *testing.T) {
			_, err := world.helm(t.Context(), "template", "x", simulatorChart, "--set", values)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(message)))
		})
	}
}

// Nobody in the cluster steers the simulator unless somebody asked for it.
func TestControlInterfaceOfTheSimulatorIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	for set, want := range map[string]int{"control.enabled=false": http.StatusNotFound, "control.enabled=true": http.StatusOK} {
		name := s.release + map[int]string{http.StatusNotFound: "-off", http.StatusOK: "-on"}[want]
		args := []string{"install", name, simulatorChart, "--namespace", s.namespace}
		if want == http.StatusOK { // off is what it is without a word
			args = append(args, "--set", set)
		}
		s.mustHelm(t, args...)
		url := s.runSimulator(s.installed(s.namespace, name+"-atlas-simulator"))
		s.Expect(s.get(url+"/_simulator/state", "")).To(Equal(want), set)
	}
}

// The page leads from nothing to a link and a connection that are Ready, and back, without an Atlas account.
func TestTryInACluster(t *testing.T) {
	s := newStage(t, bareCluster(t, testenv.Options{ControllerManager: true}))
	const page = "docs/try-in-a-cluster.md"
	dir := clone(t)
	s.runDoc(dir, page, "simulator")
	simulator := s.installed("atlas-simulator", "atlas-simulator")
	s.Expect(simulator.Spec.Template.Spec.Containers[0].Image).To(HavePrefix("registry.example.com/atlasstreams/atlas-simulator:"))
	url := s.runSimulator(simulator)

	s.runDoc(dir, page, "operator")
	operator := s.installed("atlas-simulator", operatorName+"-controller-manager")
	service := &corev1.Service{}
	s.Expect(s.kube.Get(t.Context(), client.ObjectKeyFromObject(simulator), service)).To(Succeed())
	s.Expect(flagValue(operator.Spec.Template.Spec.Containers[0].Args, "atlas-base-url")).
		To(Equal(fmt.Sprintf("http://%s.%s.svc:%d", service.Name, service.Namespace, service.Spec.Ports[0].Port)))
	s.runManager(operator, append(s.beside("atlas-simulator"), "--atlas-base-url="+url)...)
	s.runDoc(dir, page, "resources")
	s.runDoc(dir, "docs/testing.md", "chart")
	s.runDoc(dir, page, "clean-up")
	s.Expect(s.mustKubectl(t, "get", "crd,clusterrole,clusterrolebinding,namespace", "--output", "name")).NotTo(ContainSubstring("atlas"))
}
