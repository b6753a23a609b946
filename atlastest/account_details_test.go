package atlastest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const account = group + "/streams/accountDetails"

func TestAccountDetailsPerProvider(t *testing.T) {
	const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`
	tests := map[string]struct {
		query, provider string
		account         OmegaMatcher
		network         OmegaMatcher
	}{
		"AWS": {
			"cloudProvider=aws&regionName=US_EAST_1", "aws",
			HaveKeyWithValue("awsAccountId", MatchRegexp(`^\d{12}$`)), HaveKeyWithValue("vpcId", MatchRegexp(`^vpc-[0-9a-f]{17}$`)),
		},
		"Azure, in large": {
			"cloudProvider=AZURE&regionName=eastus2", "azure",
			HaveKeyWithValue("azureSubscriptionId", MatchRegexp(uuid)), HaveKeyWithValue("virtualNetworkName", HavePrefix("vnet_")),
		},
		"GCP, mixed": {
			"cloudProvider=Gcp&regionName=US_CENTRAL1", "gcp",
			HaveKeyWithValue("gcpProjectId", HavePrefix("p-")), HaveKeyWithValue("vpcNetworkName", HavePrefix("nt-")),
		},
	}
	s, c := newAPI(t)
	keys := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.get(account + "?" + tt.query)
			g.Expect(res.status).To(Equal(200), res.text)
			g.Expect(res.header.Get("Content-Type")).To(Equal("application/vnd.atlas.2024-11-13+json;charset=utf-8"))
			g.Expect(res.body).To(And(HaveLen(4), HaveKeyWithValue("cloudProvider", tt.provider),
				HaveKeyWithValue("cidrBlock", MatchRegexp(`^10\.\d+\.\d+\.0/21$`)), tt.account, tt.network))
			g.Expect(keys.get(account+"?"+tt.query).body).To(Equal(res.body), "the same every time, whoever asks")
		})
	}
}

func TestAccountDetailsDependOnProjectProviderAndRegion(t *testing.T) {
	g := NewWithT(t)
	const other = "65f1c0de00000000000000aa"
	s, c := newAPI(t)
	s.AddProject(other)
	seen := map[any]bool{}
	for _, path := range []string{
		account + "?cloudProvider=aws&regionName=US_EAST_1",
		account + "?cloudProvider=aws&regionName=US_EAST_2",
		account + "?cloudProvider=azure&regionName=US_EAST_1",
		"/api/atlas/v2/groups/" + other + "/streams/accountDetails?cloudProvider=aws&regionName=US_EAST_1",
	} {
		body := c.get(path).body
		seen[body["vpcId"]] = true
		seen[body["virtualNetworkName"]] = true
	}
	delete(seen, nil)
	g.Expect(seen).To(HaveLen(4))
	again := atlastest.NewServer(t)
	native := account + "?cloudProvider=AWS&regionName=us-east-1"
	g.Expect(oauthAPI(t, again, atlastest.DefaultClientID, atlastest.DefaultClientSecret).get(native).body).
		To(Equal(c.get(account+"?cloudProvider=aws&regionName=US_EAST_1").body), "on every server, for both spellings of a region")
}

func TestAccountDetailsRequireBothParameters(t *testing.T) {
	tests := map[string]struct {
		query string
		bad   []string
	}{
		"neither":          {"", []string{"cloudProvider", "regionName"}},
		"provider alone":   {"?cloudProvider=aws", []string{"regionName"}},
		"region alone":     {"?regionName=US_EAST_1", []string{"cloudProvider"}},
		"empty region":     {"?cloudProvider=aws&regionName=", []string{"regionName"}},
		"unknown provider": {"?cloudProvider=ibm&regionName=x", []string{"cloudProvider"}},
	}
	_, c := newAPI(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.get(account + tt.query)
			g.Expect(res.status).To(Equal(400), res.text)
			g.Expect(res.fields()).To(Equal(tt.bad))
		})
	}
}

func TestSetAccountDetails(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	path := account + "?cloudProvider=aws&regionName=US_EAST_1"
	before := c.get(path).body
	s.SetAccountDetails(project, "AWS", "us-east-1", object{"awsAccountId": "111122223333", "more": true, "cidrBlock": nil})
	g.Expect(c.get(path).body).To(Equal(with(before, object{"awsAccountId": "111122223333", "more": true, "cidrBlock": nil})))
	g.Expect(c.get(account + "?cloudProvider=aws&regionName=US_EAST_2").body).NotTo(HaveKey("more"))
	s.SetAccountDetails(project, "aws", "US_EAST_1", object{"vpcId": "vpc-1"})
	g.Expect(c.get(path).body).To(Equal(with(before, object{"vpcId": "vpc-1"})), "what was set before is replaced")
	s.SetAccountDetails(project, "aws", "US_EAST_1", nil)
	g.Expect(c.get(path).body).To(Equal(before))
	g.Expect(s.Count(atlastest.OpGetAccountDetails)).To(Equal(5))
}
