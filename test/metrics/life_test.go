package metrics_test

import (
	"net/http"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

func (s *stage) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

func (s *stage) link(name, region string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: s.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3, Region: region,
		ServiceEndpointID: "com.amazonaws." + region + ".s3",
	}}
}

func (s *stage) https(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
	}}
}

func (s *stage) overLink(name, link string) *v1alpha1.StreamConnection {
	connection := s.https(name)
	connection.Spec.Type, connection.Spec.HTTPS = v1alpha1.TypeS3, nil
	connection.Spec.S3 = &v1alpha1.S3Connection{RoleARN: "arn:aws:iam::123456789012:role/atlas", TestBucket: "orders"}
	connection.Spec.Networking = &v1alpha1.ConnectionNetworking{
		Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: link},
	}
	return connection
}

// prepare makes what works.
func (s *stage) prepare() {
	s.t.Helper()
	s.create(&corev1.Secret{ObjectMeta: s.meta("atlas"), StringData: map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	}})
	way := s.link("way", "us-east-1")
	told, mended := s.https("told"), s.https("mended")
	told.Spec.DriftPolicy = v1alpha1.Report
	over := s.overLink("over", "way")
	s.create(way, told, mended, over)
	s.await(way, v1alpha1.ConditionReady, "True Done")
	for _, connection := range []*v1alpha1.StreamConnection{told, mended, over} {
		s.await(connection, v1alpha1.ConditionReady, "True Ready")
	}
}

// trouble is all that the metrics have a word for.
func (s *stage) trouble() {
	s.t.Helper()
	s.atlas.FailPrivateLinks(map[string]string{"region": "*west*"}, "the service refused")
	failed, poor := s.link("failed", "us-west-2"), s.https("poor")
	poor.Spec.CredentialsRef.Name = "nothing"
	s.create(failed, poor)
	s.await(failed, v1alpha1.ConditionReady, "False Failed")
	s.await(poor, v1alpha1.ConditionCredentialsReady, "False SecretNotFound")

	way := s.link("way", "us-east-1")
	s.Expect(s.kube.Delete(s.t.Context(), way)).To(Succeed())
	s.await(way, v1alpha1.ConditionReady, "False InUse")

	for _, name := range []string{"told", "mended"} {
		s.Expect(s.atlas.EditConnection(project, workspace, name, func(fields map[string]any) {
			fields["url"] = "https://example.com/elsewhere"
		})).To(BeTrue())
	}
	s.await(s.https("told"), v1alpha1.ConditionSynced, "False Drifted")
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
