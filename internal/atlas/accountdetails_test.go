package atlas

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAccountDetailsAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		provider string
		body     string
		want     AccountDetails
	}{
		"AWS": {
			"AWS", `{"cloudProvider":"aws","awsAccountId":"358363220050","cidrBlock":"192.168.240.0/20","vpcId":"vpc-0a1b2c3d4e5f60718"}`,
			AccountDetails{CloudProvider: "aws", AWSAccountID: "358363220050", CIDRBlock: "192.168.240.0/20", VPCID: "vpc-0a1b2c3d4e5f60718"},
		},
		"Azure": {
			"AZURE", `{"cloudProvider":"azure","azureSubscriptionId":"9f1c8d8e-8f0a-4a6e-9d0a-0c1b2a3d4e5f","cidrBlock":"10.0.0.0/16","virtualNetworkName":"vnet-1"}`,
			AccountDetails{CloudProvider: "azure", AzureSubscriptionID: "9f1c8d8e-8f0a-4a6e-9d0a-0c1b2a3d4e5f", CIDRBlock: "10.0.0.0/16", VirtualNetworkName: "vnet-1"},
		},
		"Google Cloud": {
			"GCP", `{"cloudProvider":"gcp","gcpProjectId":"p-atlas-1","cidrBlock":"10.1.0.0/16","vpcNetworkName":"net-1"}`,
			AccountDetails{CloudProvider: "gcp", GCPProjectID: "p-atlas-1", CIDRBlock: "10.1.0.0/16", VPCNetworkName: "net-1"},
		},
		"without the provider": {
			"AWS", `{"awsAccountId":"1","cidrBlock":"c","vpcId":"v"}`,
			AccountDetails{CloudProvider: "AWS", AWSAccountID: "1", CIDRBlock: "c", VPCID: "v"},
		},
		"null and unknown members": {
			"AWS", `{"cloudProvider":null,"awsAccountId":"1","vpcId":null,"cidrBlock":null,"azureSubscriptionId":null,"future":[{}],"links":null}`,
			AccountDetails{CloudProvider: "AWS", AWSAccountID: "1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := serve(t, always(200, tc.body)).client(t).GetAccountDetails(t.Context(), project, tc.provider, "r")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tc.want))
		})
	}
}

func TestAccountDetailsQuery(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"gcpProjectId":"p"}`))
	_, err := f.client(t).GetAccountDetails(t.Context(), project, "GCP", "us-central1&x=1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.seen()[0].URI).To(Equal(group + "/streams/accountDetails?cloudProvider=gcp&regionName=us-central1%26x%3D1"))
}

func TestAccountDetailsWithoutAccount(t *testing.T) {
	for name, body := range map[string]string{
		"empty":         `{}`,
		"network only":  `{"cloudProvider":"aws","cidrBlock":"10.0.0.0/8","vpcId":"v"}`,
		"null account":  `{"awsAccountId":null}`,
		"a list":        `[]`,
		"null":          `null`,
		"another shape": `{"awsAccountId":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := serve(t, always(200, body)).client(t).GetAccountDetails(t.Context(), project, "AWS", "r")
			g.Expect(Class(err)).To(Equal("unexpected JSON"))
			g.Expect(IsUnavailable(err)).To(BeTrue())
			g.Expect(got).To(BeZero())
		})
	}
}
