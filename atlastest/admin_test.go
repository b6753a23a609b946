package atlastest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestAdmin(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithAdmin())...)
	admin := adminAPI(t, s)

	g.Expect(admin.get("/_simulator/healthz").text).To(Equal("ok\n"))
	g.Expect(admin.get("/_simulator/").text).To(ContainSubstring("POST   /_simulator/privateLinks/{id}/state"))
	g.Expect(admin.get("/_simulator/nothing").status).To(Equal(404))

	id := c.link(pubSubLink)
	failed := admin.post("/_simulator/privateLinks/"+id+"/state", object{"state": "FAILED", "errorMessage": "quota"})
	g.Expect(failed.status).To(Equal(200))
	g.Expect(failed.body).To(And(HaveKeyWithValue("state", "FAILED"), HaveKeyWithValue("errorMessage", "quota")))
	g.Expect(c.get(links + "/" + id).body).To(HaveKeyWithValue("errorMessage", "quota"))
	g.Expect(admin.post("/_simulator/privateLinks/x/state", object{"state": "FAILED"}).status).To(Equal(404))
	g.Expect(admin.post("/_simulator/privateLinks/"+id+"/state", object{"errorMessage": "x"}).status).To(Equal(400))
	g.Expect(admin.post("/_simulator/privateLinks/"+id+"/state", object{"sate": "x"}).text).To(ContainSubstring("sate"))

	conn := c.post(connections, https("h")).body["id"].(string)
	g.Expect(admin.post("/_simulator/connections/"+conn+"/state", object{"state": "FAILED"}).status).To(Equal(204))
	g.Expect(c.get(connections + "/h").body).To(HaveKeyWithValue("state", "FAILED"))

	state := admin.get("/_simulator/state")
	g.Expect(state.text).NotTo(Or(ContainSubstring("t0ken"), ContainSubstring(atlastest.DefaultClientSecret)))
	g.Expect(state.body["projects"]).To(ConsistOf(And(
		HaveKeyWithValue("id", project),
		HaveKeyWithValue("privateLinks", ConsistOf(HaveKeyWithValue("id", id))),
		HaveKeyWithValue("workspaces", ConsistOf(HaveKeyWithValue("connections", ConsistOf(HaveKeyWithValue("id", conn))))),
	)))

	g.Expect(admin.delete("/_simulator/connections/" + conn).status).To(Equal(204))
	g.Expect(admin.delete("/_simulator/connections/" + conn).status).To(Equal(404))
	g.Expect(admin.delete("/_simulator/privateLinks/" + id).status).To(Equal(204))
	g.Expect(c.get(links + "/" + id).status).To(Equal(404))
}

func TestAdminFaultsAndClock(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithAdmin())...)
	admin := adminAPI(t, s)

	injected := admin.post("/_simulator/faults", object{
		"operation": "listPrivateLinkConnections", "status": 429, "errorCode": "RATE_LIMITED", "retryAfter": "3s", "delay": "1ms",
	})
	g.Expect(injected.status).To(Equal(200), injected.text)
	limited := c.get(links)
	g.Expect(limited.status).To(Equal(429))
	g.Expect(limited.header.Get("Retry-After")).To(Equal("3"))
	g.Expect(admin.get("/_simulator/faults").text).To(And(
		ContainSubstring(`"count": 1`), ContainSubstring(`"retryAfter": "3s"`), ContainSubstring(`"delay": "1ms"`)))
	g.Expect(admin.delete("/_simulator/faults/1").status).To(Equal(204))
	g.Expect(admin.delete("/_simulator/faults/1").status).To(Equal(404))
	g.Expect(c.get(links).status).To(Equal(200))
	for _, bad := range []object{{"times": 1}, {"status": 500, "retryAfter": "soon"}, {"status": 500, "delay": "x"}, {"sttus": 1}} {
		g.Expect(admin.post("/_simulator/faults", bad).status).To(Equal(400))
	}

	g.Expect(admin.post("/_simulator/failRules", object{"match": object{"vendor": "PUBSUB"}, "errorMessage": "no"}).status).To(Equal(204))
	g.Expect(admin.post("/_simulator/failRules", object{}).status).To(Equal(400))
	id := c.link(pubSubLink)
	g.Expect(admin.post("/_simulator/advance", object{"duration": "2m"}).status).To(Equal(200))
	g.Expect(s.Now()).To(BeTemporally("==", start.Add(2*time.Minute)))
	g.Expect(admin.post("/_simulator/advance", object{"duration": "-2m"}).status).To(Equal(400))
	g.Expect(c.get(links + "/" + id).body).To(HaveKeyWithValue("state", "FAILED"))

	g.Expect(admin.get("/_simulator/counts").body).To(HaveKeyWithValue("createPrivateLinkConnection", BeEquivalentTo(1)))
	g.Expect(admin.get("/_simulator/requests").text).To(ContainSubstring(`"operation": "createPrivateLinkConnection"`))
	g.Expect(admin.delete("/_simulator/requests").status).To(Equal(204))
	g.Expect(admin.get("/_simulator/counts").body).To(BeEmpty())
	g.Expect(admin.delete("/_simulator/faults").status).To(Equal(204))
}

func TestAdminPrivateEndpointServices(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, append(slow(), atlastest.WithAdmin())...)
	admin := adminAPI(t, s)
	const path = "/_simulator/privateEndpointServices"

	put := admin.post(path, object{"projectId": project, "cloudProvider": "aws", "fields": object{"regionName": "EU_WEST_1"}})
	g.Expect(put.status).To(Equal(200), put.text)
	g.Expect(put.body).To(And(HaveKeyWithValue("cloudProvider", "AWS"), HaveKeyWithValue("status", "INITIATING")))
	id := put.body["id"].(string)
	g.Expect(c.get(servicesOf("AWS")).list()).To(ConsistOf(And(HaveKeyWithValue("id", id), HaveKeyWithValue("regionName", "EU_WEST_1"))))

	failed := admin.post(path+"/"+id+"/status", object{"status": "FAILED", "errorMessage": "quota"})
	g.Expect(failed.body).To(And(HaveKeyWithValue("status", "FAILED"), HaveKeyWithValue("errorMessage", "quota")), failed.text)
	g.Expect(c.get(servicesOf("AWS") + "/" + id).body).To(HaveKeyWithValue("errorMessage", "quota"))
	g.Expect(admin.get("/_simulator/state").body["projects"]).To(ConsistOf(
		HaveKeyWithValue("privateEndpointServices", ConsistOf(And(HaveKeyWithValue("id", id), HaveKeyWithValue("status", "FAILED"))))))

	for want, refused := range map[string]answer{
		"projectId":       admin.post(path, object{"projectId": "x", "cloudProvider": "AWS"}),
		"cloudProvider":   admin.post(path, object{"projectId": project, "cloudProvider": "IBM"}),
		"provider":        admin.post(path, object{"projectId": project, "provider": "AWS"}),
		"status":          admin.post(path+"/"+id+"/status", object{"errorMessage": "x"}),
		"there is no pro": admin.post(path, object{"projectId": "65f1c0de00000000000000ff", "cloudProvider": "AWS"}),
		"there is no pri": admin.post(path+"/x/status", object{"status": "FAILED"}),
	} {
		g.Expect(refused.status).To(BeElementOf(400, 404), want)
		g.Expect(refused.body).To(HaveKeyWithValue("error", ContainSubstring(want)))
	}
	g.Expect(s.PrivateEndpointServices(project)).To(HaveLen(1), "what is refused has not happened")

	g.Expect(admin.delete(path + "/" + id).status).To(Equal(204))
	g.Expect(admin.delete(path + "/" + id).status).To(Equal(404))
	g.Expect(c.get(servicesOf("AWS")).text).To(Equal("[]"))
	g.Expect(admin.get("/_simulator/state").text).To(ContainSubstring(`"privateEndpointServices": []`))
}
