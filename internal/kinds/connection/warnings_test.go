package connection

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

func TestKafkaConfigThatAtlasIgnores(t *testing.T) {
	g := NewWithT(t)
	spec := &v1alpha1.StreamConnectionSpec{Kafka: &v1alpha1.KafkaConnection{Config: map[string]v1alpha1.KafkaConfigValue{
		"auto.offset.reset": "earliest", "acks": "all", "linger.ms": "5", "debug": "all", "auto.offset.rest": "earliest",
	}}}
	g.Expect(configWarnings(spec)).To(ConsistOf("Atlas ignores these keys of kafka.config: auto.offset.rest, debug. Correct their spelling, or remove them."))
	delete(spec.Kafka.Config, "debug")
	delete(spec.Kafka.Config, "auto.offset.rest")
	g.Expect(configWarnings(spec)).To(BeEmpty())
	g.Expect(configWarnings(&v1alpha1.StreamConnectionSpec{})).To(BeEmpty())
}

func TestWhatDoesNotFitBetweenALinkAndAConnection(t *testing.T) {
	kafka := func(mechanism string) v1alpha1.StreamConnectionSpec {
		return v1alpha1.StreamConnectionSpec{Kafka: &v1alpha1.KafkaConnection{Authentication: &v1alpha1.KafkaAuthentication{Mechanism: mechanism}}}
	}
	msk := func(scheme v1alpha1.AuthenticationScheme) v1alpha1.StreamPrivateLinkSpec {
		return v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorMSK, AuthenticationScheme: scheme}
	}
	azure := v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAzure, Vendor: v1alpha1.VendorEventHub, Region: "eastus2"}
	for name, c := range map[string]struct {
		link v1alpha1.StreamPrivateLinkSpec
		spec v1alpha1.StreamConnectionSpec
		want string
	}{
		"SCRAM over SCRAM":           {msk("SASL_SCRAM"), kafka("SCRAM-512"), ""},
		"TLS over TLS":               {msk("TLS"), kafka("SSL"), ""},
		"TLS without a mechanism":    {msk("TLS"), kafka(""), ""},
		"IAM over IAM":               {msk("IAM"), kafka("AWS_MSK_IAM"), ""},
		"no scheme":                  {msk(""), kafka("AWS_MSK_IAM"), ""},
		"no authentication":          {msk("IAM"), v1alpha1.StreamConnectionSpec{Kafka: &v1alpha1.KafkaConnection{}}, ""},
		"SCRAM over IAM":             {msk("IAM"), kafka("SCRAM-512"), "StreamPrivateLink way has the authenticationScheme IAM, which does not fit the mechanism SCRAM-512"},
		"PLAIN over TLS":             {msk("TLS"), kafka("PLAIN"), "TLS"},
		"IAM over SCRAM":             {msk("SASL_SCRAM"), kafka("AWS_MSK_IAM"), "SASL_SCRAM"},
		"Azure, one region":          {azure, v1alpha1.StreamConnectionSpec{Region: "US_EAST_2"}, ""},
		"Azure, region left out":     {azure, v1alpha1.StreamConnectionSpec{}, ""},
		"Azure, two regions":         {azure, v1alpha1.StreamConnectionSpec{Region: "westeurope"}, "StreamPrivateLink way is in the Azure region eastus2, and this connection in westeurope."},
		"AWS, regions are not asked": {v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, Region: "us-east-1"}, v1alpha1.StreamConnectionSpec{Region: "DUBLIN_IRL"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			warnings := linkWarnings(&usedLink{"StreamPrivateLink way", c.link}, &c.spec)
			if c.want == "" {
				NewWithT(t).Expect(warnings).To(BeEmpty())
				return
			}
			NewWithT(t).Expect(warnings).To(ConsistOf(ContainSubstring(c.want)))
		})
	}
}

func TestWhatDoesNotFitBetweenALinkAndAWorkspace(t *testing.T) {
	for name, c := range map[string]struct {
		provider  v1alpha1.LinkProvider
		vendor    v1alpha1.LinkVendor
		region    string
		workspace atlas.Workspace
		want      string
	}{
		"Confluent on AWS":       {"AWS", "CONFLUENT", "us-east-1", atlas.Workspace{DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "AWS", Region: "DUBLIN_IRL"}}, ""},
		"MSK and Azure":          {"AWS", "MSK", "", atlas.Workspace{Name: "streams", DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "AZURE", Region: "eastus2"}}, "the workspace streams is on AZURE"},
		"Confluent and GCP":      {"AWS", "CONFLUENT", "us-east-1", atlas.Workspace{Name: "streams", DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "GCP", Region: "US_EAST_4"}}, "works only with a workspace on AWS"},
		"nothing known":          {"AWS", "MSK", "", atlas.Workspace{}, ""},
		"Azure, one region":      {"AZURE", "EVENTHUB", "eastus2", atlas.Workspace{DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "AZURE", Region: "US_EAST_2"}}, ""},
		"Azure, two regions":     {"AZURE", "EVENTHUB", "eastus2", atlas.Workspace{Name: "streams", DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "AZURE", Region: "westeurope"}}, "the workspace streams in westeurope"},
		"Azure and AWS":          {"AZURE", "CONFLUENT", "eastus2", atlas.Workspace{Name: "streams", DataProcessRegion: atlas.DataProcessRegion{CloudProvider: "AWS", Region: "US_EAST_2"}}, "the workspace streams in US_EAST_2 of AWS"},
		"Azure, nothing is told": {"AZURE", "EVENTHUB", "eastus2", atlas.Workspace{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			link := v1alpha1.StreamPrivateLinkSpec{Provider: c.provider, Vendor: c.vendor, Region: c.region}
			warnings := workspaceWarnings(&usedLink{"StreamPrivateLink way", link}, c.workspace)
			if c.want == "" {
				NewWithT(t).Expect(warnings).To(BeEmpty())
				return
			}
			NewWithT(t).Expect(warnings).To(ConsistOf(ContainSubstring(c.want)))
		})
	}
}
