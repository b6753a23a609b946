package atlastest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

var (
	mskLink       = object{"provider": "AWS", "vendor": "MSK", "arn": "arn:aws:kafka:us-east-1:123456789012:cluster/Orders/6a1-2"}
	s3Link        = object{"provider": "AWS", "vendor": "S3", "region": "us-east-1", "serviceEndpointId": "com.amazonaws.us-east-1.s3"}
	lambdaLink    = object{"provider": "AWS", "vendor": "LAMBDA", "region": "us-east-1", "serviceEndpointId": "com.amazonaws.us-east-1.lambda"}
	kinesisLink   = object{"provider": "AWS", "vendor": "KINESIS", "region": "us-east-1", "serviceEndpointId": "com.amazonaws.us-east-1.kinesis-streams"}
	confluentLink = object{
		"provider": "AWS", "vendor": "CONFLUENT", "region": "us-east-1", "serviceEndpointId": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
		"dnsDomain": "x.us-east-1.aws.confluent.cloud", "dnsSubDomain": []string{"use1-az1.x.us-east-1.aws.confluent.cloud"},
	}
	serverlessLink = with(confluentLink, object{"dnsDomain": nil, "dnsSubDomain": []string{}})
	eventHubLink   = object{
		"provider": "AZURE", "vendor": "EVENTHUB", "region": "eastus2",
		"serviceEndpointId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/n", "dnsDomain": "n.servicebus.windows.net",
	}
	azureConfluentLink = object{
		"provider": "AZURE", "vendor": "CONFLUENT", "region": "eastus2", "dnsDomain": "x.eastus2.azure.confluent.cloud",
		"azureResourceIds": []string{"/subscriptions/s/a"},
	}
	blobLink = object{
		"provider": "AZURE", "vendor": "AZURE_BLOB_STORAGE", "region": "eastus2",
		"serviceEndpointId": "/subscriptions/s/storageAccounts/acct", "dnsDomain": "acct.blob.core.windows.net",
	}
	gcpConfluentLink = object{
		"provider": "GCP", "vendor": "CONFLUENT", "region": "us-central1", "dnsDomain": "x.us-central1.gcp.confluent.cloud",
		"gcpServiceAttachmentUris": []string{"projects/p/regions/r/serviceAttachments/a", "projects/p/regions/r/serviceAttachments/b"},
	}
	pubSubLink  = object{"provider": "GCP", "vendor": "PUBSUB", "region": "us-central1"}
	genericLink = object{
		"provider": "Azure", "region": "US_EAST_2",
		"serviceEndpointId": "/subscriptions/s/namespaces/n", "dnsDomain": "n.servicebus.windows.net",
	}
)

func TestPrivateLinkIsAnsweredAsRecorded(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t, slow()...)

	created := c.post(links, genericLink)
	g.Expect(created.status).To(Equal(200))
	g.Expect(created.body).To(HaveKeyWithValue("_id", MatchRegexp(`^[a-f0-9]{24}$`)))
	g.Expect(created.body).To(Equal(with(genericLink, object{"_id": created.body["_id"]})), "the request and the id, nothing else")

	read := c.get(links + "/" + created.body["_id"].(string))
	g.Expect(read.body).To(Equal(with(created.body, object{"provider": "AZURE", "vendor": "GENERIC", "state": "IDLE"})))

	list := c.get(links)
	g.Expect(list.body).To(HaveKeyWithValue("totalCount", BeEquivalentTo(1)))
	g.Expect(list.results()).To(ConsistOf(read.body))
}

func TestPrivateLinkStatesFollowTheClock(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	path := links + "/" + c.link(confluentLink)

	for _, want := range []string{"IDLE", "WORKING", "DONE"} {
		got := c.get(path).body
		g.Expect(got).To(HaveKeyWithValue("state", want))
		g.Expect(got["interfaceEndpointId"] != nil).To(Equal(want == "DONE"), "endpoint in %s", want)
		s.Advance(time.Minute)
	}

	deleted := c.delete(path)
	g.Expect(deleted.status).To(Equal(202))
	g.Expect(deleted.text).To(Equal("{}"))
	for _, want := range []string{"DELETE_REQUESTED", "DELETING"} {
		g.Expect(c.get(path).body).To(HaveKeyWithValue("state", want))
		g.Expect(c.get(links).results()).To(ConsistOf(HaveKeyWithValue("state", want)))
		g.Expect(c.delete(path).status).To(Equal(202), "deleting again changes nothing")
		s.Advance(time.Minute)
	}
	gone := c.get(path)
	g.Expect(gone.status).To(Equal(404))
	g.Expect(gone.code()).NotTo(BeEmpty())
	g.Expect(c.delete(path).status).To(Equal(404))
	g.Expect(c.get(links).results()).To(BeEmpty())

	all := s.AllPrivateLinks(atlastest.DefaultProjectID)
	g.Expect(s.PrivateLinks(atlastest.DefaultProjectID)).To(BeEmpty())
	g.Expect(all).To(HaveLen(1))
	var states []string
	for i, change := range all[0].History {
		states = append(states, change.State)
		g.Expect(change.At).To(BeTemporally(">=", start))
		g.Expect(i == 0 || !change.At.Before(all[0].History[i-1].At)).To(BeTrue())
	}
	g.Expect(states).To(Equal([]string{"IDLE", "WORKING", "DONE", "DELETE_REQUESTED", "DELETING", "DELETED"}))
}

func TestPrivateLinkDeletedEarlyIsNeverDone(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	deleted, held := c.link(pubSubLink), c.link(s3Link)
	g.Expect(c.delete(links + "/" + deleted).status).To(Equal(202))
	s.SetPrivateLinkState(held, "WORKING", "")
	for range 10 {
		s.Advance(time.Minute)
	}
	g.Expect(c.get(links+"/"+held).body).To(HaveKeyWithValue("state", "WORKING"), "it waits for a human")
	var states []string
	for _, change := range s.AllPrivateLinks(project)[0].History {
		states = append(states, change.State)
	}
	g.Expect(states).To(Equal([]string{"IDLE", "DELETE_REQUESTED", "DELETING", "DELETED"}))
}

func TestPrivateLinkOutputsByVendor(t *testing.T) {
	tests := map[string]struct {
		link object
		want object
	}{
		"AWS":            {kinesisLink, object{"interfaceEndpointId": MatchRegexp(`^vpce-[0-9a-f]{17}$`), "interfaceEndpointName": Not(BeEmpty()), "providerAccountId": MatchRegexp(`^\d{12}$`)}},
		"S3 has none":    {s3Link, object{"interfaceEndpointId": nil, "interfaceEndpointName": nil}},
		"MSK":            {mskLink, object{"region": Equal("us-east-1"), "dnsDomain": MatchRegexp(`^scram\.orders\..*us-east-1`), "authenticationScheme": Equal("SASL_SCRAM")}},
		"MSK with IAM":   {with(mskLink, object{"authenticationScheme": "IAM"}), object{"dnsDomain": HavePrefix("iam."), "authenticationScheme": Equal("IAM")}},
		"Azure":          {eventHubLink, object{"interfaceEndpointId": ContainSubstring("/privateEndpoints/"), "interfaceEndpointName": Not(BeEmpty())}},
		"GCP":            {gcpConfluentLink, object{"gcpConnectionIds": HaveLen(2), "interfaceEndpointId": nil}},
		"Pub/Sub":        {pubSubLink, object{"gcpConnectionIds": HaveLen(1), "dnsDomain": Not(BeEmpty())}},
		"vendor as sent": {with(kinesisLink, object{"vendor": "Kinesis", "provider": "aws"}), object{"vendor": Equal("KINESIS"), "provider": Equal("AWS")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t, slow()...)
			id := c.link(tt.link)
			s.Advance(2 * time.Minute)
			got := c.get(links + "/" + id).body
			g.Expect(got).To(HaveKeyWithValue("state", "DONE"))
			for field, matcher := range tt.want {
				if matcher == nil {
					g.Expect(got).NotTo(HaveKey(field))
				} else {
					g.Expect(got).To(HaveKeyWithValue(field, matcher))
				}
			}
		})
	}
}

func TestPrivateLinkDomainCanBeSetLater(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	path := links + "/" + c.link(serverlessLink)
	g.Expect(c.get(path).body).NotTo(HaveKey("interfaceEndpointId"))
	s.Advance(time.Minute)
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("state", "WORKING"), HaveKey("interfaceEndpointId")), "the domain depends on the endpoint")
	for range 10 {
		s.Advance(time.Minute)
	}
	g.Expect(c.get(path).body).To(HaveKeyWithValue("state", "WORKING"), "it waits for its domain")

	res := c.patch(path, object{"dnsDomain": "y.confluent.cloud"})
	g.Expect(res.status).To(Equal(200), res.text)
	g.Expect(res.header.Get("Content-Type")).To(HavePrefix(mediaPatch))
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("dnsDomain", "y.confluent.cloud"), HaveKeyWithValue("state", "WORKING")))
	s.Advance(time.Minute)
	g.Expect(c.get(path).body).To(HaveKeyWithValue("state", "DONE"))

	again := c.patch(path, object{"dnsDomain": "z.confluent.cloud"})
	g.Expect(again.status).To(Equal(400), "it is set and the link is not IDLE")
	g.Expect(again.code()).To(Equal("VALIDATION_ERROR"))
}

func TestPrivateLinkWithDomainSetInIdleBecomesDone(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	path := links + "/" + c.link(serverlessLink)
	g.Expect(c.patch(path, object{"dnsDomain": "x.confluent.cloud"}).status).To(Equal(200))
	g.Expect(c.patch(path, object{"dnsDomain": "y.confluent.cloud"}).status).To(Equal(200), "IDLE takes another one")
	g.Expect(c.get(path).body).To(HaveKeyWithValue("state", "IDLE"))
	for range 3 {
		s.Advance(time.Minute)
	}
	var states []string
	for _, change := range s.PrivateLinks(project)[0].History {
		states = append(states, change.State)
	}
	g.Expect(states).To(Equal([]string{"IDLE", "WORKING", "DONE"}))
}

func TestPrivateLinkPatchRefusals(t *testing.T) {
	tests := map[string]struct {
		link   object
		patch  object
		status int
		fields []string
	}{
		"while IDLE the domain can change": {confluentLink, object{"dnsDomain": "y"}, 200, nil},
		"another vendor":                   {eventHubLink, object{"dnsDomain": "y"}, 400, []string{"The"}}, // no field
		"another field":                    {confluentLink, object{"dnsDomain": "y", "region": "eu-west-1"}, 400, []string{"region"}},
		"no field":                         {confluentLink, object{}, 400, []string{"dnsDomain"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, c := newAPI(t, slow()...)
			res := c.patch(links+"/"+c.link(tt.link), tt.patch)
			g.Expect(res.status).To(Equal(tt.status), res.text)
			g.Expect(res.fields()).To(Equal(tt.fields))
		})
	}
}

func TestPrivateLinkInUseCannotBeDeleted(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := c.link(mskLink)
	g.Expect(c.post(connections, overLink(kafka("k"), id)).status).To(Equal(200))

	refused := c.delete(links + "/" + id)
	g.Expect(refused.status).To(Equal(400))
	g.Expect(refused.code()).To(Equal("STREAM_PRIVATE_LINK_IN_USE"))
	g.Expect(refused.body["parameters"]).To(Equal([]any{id}))
	g.Expect(refused.body["detail"]).To(ContainSubstring(id))

	s.Advance(5 * time.Minute)
	g.Expect(c.delete(connections + "/k").status).To(Equal(202))
	g.Expect(c.delete(links+"/"+id).code()).To(Equal("STREAM_PRIVATE_LINK_IN_USE"), "a connection that is DELETING still uses it")
	s.Advance(time.Minute)
	g.Expect(c.delete(links + "/" + id).status).To(Equal(202))
}

func TestPrivateLinkFailures(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	remove := s.FailPrivateLinks(map[string]string{"vendor": "msk", "arn": "*cluster/orders/*"}, "the service refused")
	matched := c.link(mskLink)
	other := c.link(with(mskLink, object{"arn": "arn:aws:kafka:us-east-1:1:cluster/other/1"}))
	remove()
	afterwards := c.link(mskLink)
	s.FailNextPrivateLink(atlastest.DefaultProjectID, "quota")
	next := c.link(pubSubLink)

	g.Expect(c.get(links+"/"+matched).body).NotTo(HaveKey("errorMessage"), "it has not failed yet")
	s.Advance(2 * time.Minute)
	g.Expect(c.get(links + "/" + matched).body).To(And(HaveKeyWithValue("state", "FAILED"), HaveKeyWithValue("errorMessage", "the service refused")))
	g.Expect(c.get(links + "/" + next).body).To(HaveKeyWithValue("errorMessage", "quota"))
	for _, id := range []string{other, afterwards} {
		g.Expect(c.get(links + "/" + id).body).To(HaveKeyWithValue("state", "DONE"))
	}
}

func TestPrivateLinkChangedWithoutRequest(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	id := s.PutPrivateLink(atlastest.DefaultProjectID, eventHubLink, atlastest.StateDone)
	path := links + "/" + id
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("state", "DONE"), HaveKey("interfaceEndpointId")))

	g.Expect(s.SetPrivateLinkState(id, "HIBERNATING", "asleep")).To(BeTrue())
	s.Advance(30 * time.Minute)
	g.Expect(c.get(path).body).To(And(HaveKeyWithValue("state", "HIBERNATING"), HaveKeyWithValue("errorMessage", "asleep")))
	g.Expect(s.EditPrivateLink(id, func(f map[string]any) { f["dnsSubDomain"] = []string{"a"} })).To(BeTrue())
	g.Expect(c.get(path).body).To(HaveKeyWithValue("dnsSubDomain", []any{"a"}))
	g.Expect(s.DeletePrivateLinkNow(id)).To(BeTrue())
	g.Expect(c.get(path).status).To(Equal(404))
	g.Expect(s.SetPrivateLinkState(id, "DONE", "")).To(BeFalse())
}

func TestPrivateLinkDuplicates(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.link(mskLink)
	c.link(mskLink)
	g.Expect(s.PrivateLinks(atlastest.DefaultProjectID)).To(HaveLen(2), "nothing prevents doubles by default")

	_, c = newAPI(t, atlastest.WithUniquePrivateLinks())
	c.link(mskLink)
	res := c.post(links, with(mskLink, object{"provider": "aws"}))
	g.Expect(res.status).To(Equal(400))
	g.Expect(res.code()).To(Equal("STREAM_PRIVATE_LINK_ALREADY_EXISTS"))
}

func TestPrivateLinkNeedsACluster(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	s.SetClusterMissing(atlastest.DefaultProjectID, "AWS", "us_east_1", true)
	for _, link := range []object{mskLink, s3Link} {
		res := c.post(links, link)
		g.Expect(res.status).To(Equal(400))
		g.Expect(res.code()).To(Equal("VALIDATION_ERROR"))
		g.Expect(res.body["parameters"]).To(Equal([]any{
			"You must have an Atlas Cluster on AWS or AWS Network Peering configured to create a Private Link connection",
		}))
	}
	c.link(with(s3Link, object{"region": "eu-west-1"}))
	s.SetClusterMissing(atlastest.DefaultProjectID, "AWS", "us-east-1", false)
	c.link(s3Link)
}
