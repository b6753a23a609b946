package atlastest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

const workspaces = group + "/streams"

var newWorkspace = object{
	"name": "orders", "dataProcessRegion": object{"cloudProvider": "AWS", "region": "DUBLIN_IRL"},
	"streamConfig": object{"tier": "SP5", "maxTierSize": "SP50"}, "sampleConnections": object{"solar": true},
}

func TestWorkspacesAreCreatedChangedAndDeleted(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	created := c.post(workspaces, newWorkspace)
	g.Expect(created.status).To(Equal(200), created.text)
	g.Expect(created.body).To(And(
		HaveKeyWithValue("name", "orders"), HaveKeyWithValue("groupId", project), HaveKey("_id"), HaveKey("hostnames"),
		HaveKeyWithValue("streamConfig", object{"tier": "SP5", "maxTierSize": "SP50"}), HaveKeyWithValue("failoverRegions", []any{}),
		Not(HaveKey("sampleConnections")),
	))
	g.Expect(c.get(workspaces + "/orders").body).To(Equal(created.body))
	g.Expect(c.get(workspaces + "/orders?includeConnections=true").body["connections"]).To(
		ConsistOf(HaveKeyWithValue("name", "sample_stream_solar")))
	g.Expect(c.get(workspaces).results()).To(HaveExactElements(
		HaveKeyWithValue("name", atlastest.DefaultWorkspace), HaveKeyWithValue("name", "orders")))
	g.Expect(c.post(workspaces, newWorkspace).status).To(Equal(409))

	patched := c.patch(workspaces+"/orders", object{"cloudProvider": "AWS", "region": "OHIO_USA"})
	g.Expect(patched.body).To(And(
		HaveKeyWithValue("dataProcessRegion", HaveKeyWithValue("region", "OHIO_USA")),
		HaveKeyWithValue("streamConfig", HaveKeyWithValue("tier", "SP5")),
	), "what is left out stays")
	failover := object{"failoverRegions": []object{{"cloudProvider": "AWS", "region": "VIRGINIA_USA"}}}
	g.Expect(c.patch(workspaces+"/orders", failover).body["failoverRegions"]).To(HaveLen(1))
	g.Expect(c.patch(workspaces+"/orders", failover).status).To(Equal(400), "they can be set once")

	s.AddProcessor(project, "orders", "sample_stream_solar")
	g.Expect(c.delete(workspaces + "/orders").code()).To(Equal("STREAM_TENANT_HAS_STREAM_PROCESSORS"))
	s.RemoveProcessor(project, "orders", "sample_stream_solar")
	for range 2 {
		gone := c.delete(workspaces + "/orders")
		g.Expect(gone.status).To(Equal(202))
		g.Expect(gone.text).To(Equal("{}"))
	}
	g.Expect(c.get(workspaces + "/orders").status).To(Equal(200))
	g.Expect(c.patch(workspaces+"/orders", object{}).status).To(Equal(400))
	s.Advance(time.Minute)
	g.Expect(c.get(workspaces + "/orders").code()).To(Equal("STREAM_TENANT_NOT_FOUND_FOR_NAME"))
	g.Expect(c.get(workspaces).results()).To(HaveLen(1))
	g.Expect(c.post(workspaces, newWorkspace).status).To(Equal(200), "the name is free again")
	g.Expect(s.Ledger().Workspaces).To(Equal(atlastest.ObjectCounts{Created: 2, Changed: 2, Deleted: 1}))
}

func TestInvalidWorkspacesAreRejected(t *testing.T) {
	_, c := newAPI(t)
	us := object{"cloudProvider": "AWS", "region": "VIRGINIA_USA"}
	tests := map[string]struct {
		res    answer
		fields []string
	}{
		"nothing":            {c.post(workspaces, object{}), []string{"dataProcessRegion.cloudProvider", "dataProcessRegion.region", "name"}},
		"a name":             {c.post(workspaces, with(newWorkspace, object{"name": "a.b"})), []string{"name"}},
		"a path":             {c.post(workspaces, with(newWorkspace, object{"name": "accountDetails"})), []string{"name"}},
		"a cloud":            {c.post(workspaces, with(newWorkspace, object{"dataProcessRegion": object{"cloudProvider": "IBM", "region": "x"}})), []string{"dataProcessRegion.cloudProvider"}},
		"a tier":             {c.post(workspaces, with(newWorkspace, object{"streamConfig": object{"tier": "SP1"}})), []string{"streamConfig.tier"}},
		"a member":           {c.post(workspaces, with(newWorkspace, object{"tier": "SP5"})), []string{"tier"}},
		"three regions":      {c.post(workspaces, with(newWorkspace, object{"failoverRegions": []object{us, us, us}})), []string{"failoverRegions"}},
		"half a region":      {c.patch(workspaces+"/streams", object{"failoverRegions": []object{{"region": "x"}}}), []string{"failoverRegions"}},
		"region alone":       {c.patch(workspaces+"/streams", object{"region": "OHIO_USA"}), []string{"region"}},
		"regions together":   {c.patch(workspaces+"/streams", join(us, object{"failoverRegions": []object{us}})), []string{"The"}},
		"the region of POST": {c.patch(workspaces+"/streams", object{"dataProcessRegion": us}), []string{"dataProcessRegion"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(tt.res.status).To(Equal(400), tt.res.text)
			g.Expect(tt.res.fields()).To(Equal(tt.fields))
		})
	}
}

func TestProjectsAreLimitedToTheCredential(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	const other = "65f1c0de00000000000000ff"
	s.AddProject(other)
	c.header = map[string][]string{"Accept": {"application/vnd.atlas.2023-01-01+json"}}
	g.Expect(c.get("/api/atlas/v2/groups").results()).To(HaveLen(2))
	g.Expect(c.get("/api/atlas/v2/groups/" + other).body).To(And(HaveKeyWithValue("id", other), HaveKey("orgId"), HaveKey("name")))
	s.UpdateCredential(atlastest.DefaultClientID, atlastest.ForProjects(other))
	g.Expect(c.get("/api/atlas/v2/groups").results()).To(ConsistOf(HaveKeyWithValue("id", other)))
	g.Expect(c.get("/api/atlas/v2/groups/" + project).code()).To(Equal("USER_CANNOT_ACCESS_GROUP"))
	s.RemoveProject(other)
	g.Expect(c.get("/api/atlas/v2/groups/" + other).code()).To(Equal("GROUP_NOT_FOUND"))
}
