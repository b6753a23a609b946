package atlastest_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// The expected texts come from recordings.
func TestErrorTextsMatchAtlas(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	const ws = atlastest.DefaultWorkspace
	id := c.link(pubSubLink)
	c.post(connections, https("here"))
	c.post(connections, https("used"))
	s.AddProcessor(project, ws, "used")
	over := object{"access": object{"type": "PRIVATE_LINK", "connectionId": id}}
	g.Expect(c.post(connections, with(kafka("over"), object{"networking": over})).status).To(Equal(200))

	tests := map[string]struct {
		res        answer
		status     int
		code       string
		detail     string
		parameters []any
	}{
		"workspace": {
			c.get(group + "/streams/nope/connections"), 404, "STREAM_TENANT_NOT_FOUND_FOR_NAME",
			"Stream instance for project " + project + " and name nope not found.", []any{project, "nope"},
		},
		"connection": {
			c.get(connections + "/nope"), 404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
			"Stream connection with name nope for project " + project + " and name " + ws + " not found.", []any{"nope", project, ws},
		},
		"exists": {
			c.post(connections, https("here")), 409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
			"A Stream connection with the name here already exists.", []any{"here"},
		},
		"link in use": {
			c.delete(links + "/" + id), 400, "STREAM_PRIVATE_LINK_IN_USE",
			"Private Link with connection ID (" + id + ") is in use.", []any{id},
		},
		"processors": {
			c.delete(connections + "/used"), 403, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
			"Stream connection with name used in stream workspace " + ws + " has active processors, and cannot be changed.", []any{"used", ws},
		},
		"deploying": {
			c.delete(connections + "/over"), 409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
			"Stream Kafka connection over is currently deploying. Please retry the request later.", []any{"over"},
		},
		"networking": {
			c.patch(connections+"/over", with(kafka("over"), object{"networking": object{"access": object{"type": "PUBLIC"}}})),
			400, "STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED", "Stream networking access type cannot be modified.", []any{"over", ws},
		},
		"validation": {
			c.post(connections, with(kafka("k"), object{"bootstrapServers": ""})), 400, "VALIDATION_ERROR",
			"The request content produced the validation error: Invalid bootstrapServers.", []any{"Invalid bootstrapServers"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(tt.res.status).To(Equal(tt.status), tt.res.text)
			g.Expect(tt.res.body).To(Equal(object{
				"error": float64(tt.status), "errorCode": tt.code, "reason": http.StatusText(tt.status),
				"detail": tt.detail, "parameters": tt.parameters,
			}))
			g.Expect(tt.res.header.Get("X-Error-Code")).To(Equal(tt.code))
			g.Expect(tt.res.text).To(MatchRegexp(`^\{"detail":.*"error":.*"errorCode":.*"parameters":.*"reason":`))
		})
	}
}

func TestHeadersMatchAtlas(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	for _, res := range []answer{c.get(links), c.get(links + "/nope"), c.get(group + "/nothing")} {
		g.Expect(res.header).To(And(
			HaveKey("Strict-Transport-Security"), HaveKeyWithValue("X-Content-Type-Options", []string{"nosniff"}),
			HaveKey("X-Frame-Options"), HaveKey("Referrer-Policy"), Not(HaveKey("Cache-Control")),
		))
	}
	g.Expect(c.get(links).header).NotTo(HaveKey("X-Error-Code"))
	other := c.get("/api/atlas/v2/groups/65f1c0de00000000000000ff/streams/privateLinkConnections")
	g.Expect(other.header).NotTo(HaveKey("Ratelimit-Limit"))
	g.Expect(other.code()).To(Equal("GROUP_NOT_FOUND"))

	challenge := (&api{t: t, base: s.URL, client: s.Client()}).get(links)
	g.Expect(challenge.header).To(And(HaveKey("Www-Authenticate"), Not(HaveKey("X-Java-Method"))))
	g.Expect(challenge.body).To(And(HaveKeyWithValue("errorCode", "UNEXPECTED_ERROR"), Not(HaveKey("parameters"))))
	g.Expect(challenge.text).To(ContainSubstring("\n  "))
}

func TestRateLimitErrorsHaveAText(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t, atlastest.WithManualClock(start), atlastest.WithRateLimit(2, 1))
	c.get(links)
	g.Expect(c.get(links).body["detail"]).To(Equal("Rate limit exceeded for " + strings.TrimPrefix(links, "/") +
		". Please retry after 1 seconds. Request capacity: 1. Refill rate: 2 per 1 seconds."))
}

func TestInputsThatAtlasAccepts(t *testing.T) {
	tlsAuth := object{"sslCertificate": "cert", "sslKey": "key"}
	tests := map[string]struct {
		path   string
		body   object
		status int
	}{
		"KINESIS by region":             {links, object{"provider": "AWS", "vendor": "KINESIS", "region": "us-east-1"}, 200},
		"KINESIS with a service":        {links, object{"provider": "AWS", "vendor": "KINESIS", "region": "us-east-1", "serviceEndpointId": "x"}, 200},
		"KINESIS without a region":      {links, object{"provider": "AWS", "vendor": "KINESIS", "serviceEndpointId": "x"}, 400},
		"a name with dots and stars":    {connections, https("orders.v2-*_x"), 200},
		"a name with a slash":           {connections, https("orders/v2"), 400},
		"a name with a blank":           {connections, https("orders v2"), 400},
		"PLAINTEXT":                     {connections, with(kafka("k1"), object{"security": object{"protocol": "PLAINTEXT"}}), 200},
		"no mechanism with SSL":         {connections, with(kafka("k2"), object{"security": object{"protocol": "SSL"}, "authentication": tlsAuth}), 200},
		"a route of a transit gateway":  {connections, with(kafka("k3"), object{"networking": access("TRANSIT_GATEWAY", "tgwRouteId", project)}), 200},
		"a route that is none":          {connections, with(kafka("k4"), object{"networking": access("TRANSIT_GATEWAY", "tgwRouteId", "tgw-rtb-1")}), 400},
		"a link for a public one":       {connections, with(kafka("k5"), object{"networking": access("PUBLIC", "connectionId", project)}), 400},
		"no headers for another type":   {connections, with(kafka("k6"), object{"headers": object{}}), 200},
		"headers of another type":       {connections, with(kafka("k7"), object{"headers": object{"a": "b"}}), 400},
		"a link of nothing but a state": {links, join(pubSubLink, object{"state": ""}), 200},
		"MSK with an empty region":      {links, join(mskLink, object{"region": "", "state": ""}), 200},
	}
	_, c := newAPI(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			res := c.post(tt.path, tt.body)
			g.Expect(res.status).To(Equal(tt.status), res.text)
			g.Expect(res.text).NotTo(ContainSubstring(`"headers":{}`))
		})
	}
	g := NewWithT(t)
	g.Expect(c.patch(connections+"/k1", with(kafka("k1"), object{"headers": object{}})).status).To(Equal(200))
	g.Expect(c.patch(connections+"/k1", with(kafka("k1"), object{"headers": object{"a": "b"}})).status).To(Equal(400))
	c.post(connections, https("h"))
	c.patch(connections+"/h", object{"name": "h", "type": "Https", "url": "https://example.org", "headers": object{}})
	g.Expect(c.get(connections + "/h").body["headers"]).To(BeEmpty(), "it clears those of a type that has them")
}

func access(kind, member, value string) object {
	return object{"access": object{"type": kind, member: value}}
}
