package wait_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// A certificate that the manager does not trust is told of before a user looks for the reason elsewhere.
func TestUntrustedCertificateOfAtlas(t *testing.T) {
	t.Parallel()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	t.Cleanup(certified.Close)
	s := newStage(t, atlastest.WithTLS(&tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}))
	s.startManager()
	connection := s.https("tls")
	connection.Spec.Type, connection.Spec.HTTPS = v1alpha1.TypeAWSLambda, nil
	connection.Spec.AWSLambda = &v1alpha1.AWSRoleConnection{RoleARN: "arn:aws:iam::123456789012:role/x"}
	s.Create(connection)
	s.Eventually(func(g Gomega) {
		g.Expect(world.Kube.Get(t.Context(), client.ObjectKeyFromObject(connection), connection)).To(Succeed())
		ready := meta.FindStatusCondition(connection.Status.Conditions, v1alpha1.ConditionReady)
		g.Expect(ready).NotTo(BeNil())
		g.Expect(ready.Reason).To(Equal(v1alpha1.ReasonAtlasUnreachable))
		g.Expect(ready.Message).To(ContainSubstring("TLS certificate not trusted"))
	}).WithTimeout(30 * time.Second).Should(Succeed())
}
