package metrics_test

import (
	"net/http"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

func link(name, region string) *v1alpha1.StreamPrivateLink {
	return manifest.S3Link(namespace, name, region)
}

func https(name string) *v1alpha1.StreamConnection { return manifest.HTTPS(namespace, name) }

func overLink(name, link string) *v1alpha1.StreamConnection {
	connection := manifest.Over(link, https(name))
	connection.Spec.Type, connection.Spec.HTTPS = v1alpha1.TypeS3, nil
	connection.Spec.S3 = &v1alpha1.S3Connection{RoleARN: "arn:aws:iam::123456789012:role/atlas", TestBucket: "orders"}
	return connection
}

// prepare makes what works.
func (s *stage) prepare() {
	s.t.Helper()
	s.Create(manifest.Credentials(namespace))
	way := link("way", "us-east-1")
	told, mended := https("told"), https("mended")
	told.Spec.DriftPolicy = v1alpha1.Report
	over, private := overLink("over", "way"), manifest.Kafka(namespace, "private")
	private.Spec.Kafka.Security.BrokerPublicCertificate = manifest.Certificate()
	s.Create(manifest.Password(namespace, "planted-password"), way, told, mended, over, private)
	s.Await(way, v1alpha1.ConditionReady, "True Done")
	for _, connection := range []*v1alpha1.StreamConnection{told, mended, over, private} {
		s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	}
}

// trouble is all that the metrics have a word for.
func (s *stage) trouble() {
	s.t.Helper()
	s.atlas.FailPrivateLinks(map[string]string{"region": "*west*"}, "the service refused")
	failed, poor := link("failed", "us-west-2"), https("poor")
	poor.Spec.CredentialsRef.Name = "nothing"
	s.Create(failed, poor)
	s.Await(failed, v1alpha1.ConditionReady, "False Failed")
	s.Await(poor, v1alpha1.ConditionCredentialsReady, "False SecretNotFound")

	way := link("way", "us-east-1")
	s.Delete(way)
	s.Await(way, v1alpha1.ConditionReady, "False InUse")

	for _, name := range []string{"told", "mended"} {
		s.Expect(s.atlas.EditConnection(project, workspace, name, func(fields map[string]any) {
			fields["url"] = "https://example.com/elsewhere"
		})).To(BeTrue())
	}
	s.Await(https("told"), v1alpha1.ConditionSynced, "False Drifted")
	s.Eventually(func() string { return string(s.scrape()) }).
		Should(ContainSubstring(`atlas_streams_drift_repaired_total{kind="StreamConnection"} 1`))

	tooMany := s.atlas.Inject(atlastest.Fault{
		Operation: atlastest.OpListConnections, Times: 1, Status: http.StatusTooManyRequests,
		ErrorCode: "RATE_LIMITED", RetryAfter: time.Second,
	})
	s.Eventually(func() string { return string(s.scrape()) }).
		Should(ContainSubstring(`atlas_streams_atlas_requests_total{code="429",operation="ListConnections"}`))
	tooMany.Remove()
}
