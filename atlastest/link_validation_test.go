package atlastest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestPrivateLinkValidation(t *testing.T) {
	tests := map[string]struct {
		body object
		bad  []string // nil: accepted
	}{
		"AWS Confluent":                      {confluentLink, nil},
		"AWS Confluent serverless":           {serverlessLink, nil},
		"AWS Confluent without subdomains":   {with(confluentLink, object{"dnsSubDomain": nil}), []string{"dnsSubDomain"}},
		"AWS Confluent, foreign subdomain":   {with(confluentLink, object{"dnsSubDomain": []string{"a.example.org"}}), []string{"dnsSubDomain"}},
		"AWS Confluent with an ARN":          {with(confluentLink, object{"arn": "arn:aws:kafka:x"}), []string{"arn"}},
		"MSK":                                {mskLink, nil},
		"MSK without ARN":                    {with(mskLink, object{"arn": nil}), []string{"arn"}},
		"MSK with another ARN":               {with(mskLink, object{"arn": "arn:aws-cn:kafka:x"}), []string{"arn"}},
		"MSK with region":                    {with(mskLink, object{"region": "us-east-1"}), []string{"region"}},
		"MSK with a wrong scheme":            {with(mskLink, object{"authenticationScheme": "PLAIN"}), []string{"authenticationScheme"}},
		"Kinesis":                            {kinesisLink, nil},
		"Kinesis with scheme":                {with(kinesisLink, object{"authenticationScheme": "TLS"}), []string{"authenticationScheme"}},
		"S3":                                 {s3Link, nil},
		"S3 without region":                  {with(s3Link, object{"region": nil}), []string{"region"}},
		"Lambda":                             {lambdaLink, nil},
		"Lambda without anything":            {object{"provider": "AWS", "vendor": "LAMBDA"}, []string{"region", "serviceEndpointId"}},
		"Event Hub":                          {eventHubLink, nil},
		"Event Hub without domain":           {with(eventHubLink, object{"dnsDomain": ""}), []string{"dnsDomain"}},
		"Azure Confluent":                    {azureConfluentLink, nil},
		"Azure Confluent refuses service id": {with(azureConfluentLink, object{"serviceEndpointId": "x"}), []string{"serviceEndpointId"}},
		"Azure Confluent without resources":  {with(azureConfluentLink, object{"azureResourceIds": []string{}}), []string{"azureResourceIds"}},
		"Blob Storage":                       {blobLink, nil},
		"GCP Confluent":                      {gcpConfluentLink, nil},
		"GCP Confluent, four attachments":    {with(gcpConfluentLink, object{"gcpServiceAttachmentUris": []string{"a", "b", "c", "d"}}), []string{"gcpServiceAttachmentUris"}},
		"GCP Confluent, twice the same":      {with(gcpConfluentLink, object{"gcpServiceAttachmentUris": []string{"a", "a"}}), []string{"gcpServiceAttachmentUris"}},
		"Pub/Sub":                            {pubSubLink, nil},
		"Generic":                            {genericLink, nil},
		"no provider":                        {object{"vendor": "MSK"}, []string{"provider"}},
		"unknown provider":                   {object{"provider": "OCI"}, []string{"provider"}},
		"vendor of another provider":         {object{"provider": "GCP", "vendor": "MSK"}, []string{"vendor"}},
		"unknown field":                      {with(pubSubLink, object{"regoin": "x"}), []string{"regoin"}},
		"wrong type":                         {with(genericLink, object{"region": 7}), []string{"region"}},
		"a list that is none":                {with(confluentLink, object{"dnsSubDomain": "a"}), []string{"dnsSubDomain"}},
		"an answer sent back":                {with(pubSubLink, object{"_id": "x", "state": "DONE", "links": []any{}}), nil},
	}
	_, c := newAPI(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.post(links, tt.body)
			if tt.bad == nil {
				g.Expect(res.status).To(Equal(200), res.text)
				g.Expect(res.body).NotTo(HaveKey("state"))
				return
			}
			g.Expect(res.status).To(Equal(400), res.text)
			g.Expect(res.code()).To(Equal("VALIDATION_ERROR"))
			g.Expect(res.fields()).To(Equal(tt.bad))
		})
	}
}

func TestPrivateLinkSurplusFieldsCanBeAccepted(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t, atlastest.WithSurplusPrivateLinkFields())
	g.Expect(c.post(links, with(mskLink, object{"region": "us-east-1"})).status).To(Equal(200))
	res := c.post(links, with(azureConfluentLink, object{"serviceEndpointId": "x"}))
	g.Expect(res.fields()).To(Equal([]string{"serviceEndpointId"}), "this one Atlas refuses")
}
