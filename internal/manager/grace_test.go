package manager

import (
	"bytes"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/atlasstreams/operator/internal/atlas"
)

// The longest graceful stop ends before the kubelet kills the pod.
func TestStopFitsThePodsGracePeriod(t *testing.T) {
	g := NewWithT(t)
	manifest, err := os.ReadFile("../../config/manager/manager.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), 4096)
	var deployment appsv1.Deployment
	for deployment.Kind != "Deployment" {
		deployment = appsv1.Deployment{}
		g.Expect(decoder.Decode(&deployment)).To(Succeed())
	}
	g.Expect(deployment.Spec.Template.Spec.TerminationGracePeriodSeconds).NotTo(BeNil())
	period := time.Duration(*deployment.Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
	g.Expect(period).To(BeNumerically(">", atlas.DefaultTimeout+stopGrace+closeGrace))
}
