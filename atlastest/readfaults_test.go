package atlastest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestHolesHideExistingObjects(t *testing.T) {
	tests := map[string]struct {
		fault                                   atlastest.ReadFault
		linkShown, linkListed, oneShown, listed bool // the connection "one"
		others                                  bool // the connection "two" is shown
	}{
		"a project":            {atlastest.ReadFault{ProjectID: project, HideGets: true, HideLists: true}, false, false, false, false, false},
		"lists of a project":   {atlastest.ReadFault{ProjectID: project, HideLists: true}, true, false, true, false, true},
		"GETs of a project":    {atlastest.ReadFault{ProjectID: project, HideGets: true}, false, true, false, true, false},
		"a workspace":          {atlastest.ReadFault{Workspace: atlastest.DefaultWorkspace, HideGets: true, HideLists: true}, true, true, false, false, false},
		"one object":           {atlastest.ReadFault{Target: "one", HideGets: true, HideLists: true}, true, true, false, false, true},
		"one operation":        {atlastest.ReadFault{Operation: atlastest.OpGetPrivateLink, HideGets: true, HideLists: true}, false, true, true, true, true},
		"nothing of others":    {atlastest.ReadFault{ProjectID: "65f1c0de00000000000000ff", HideGets: true, HideLists: true}, true, true, true, true, true},
		"deletions, not reads": {atlastest.ReadFault{HideDeletes: true}, true, true, true, true, true},
		"what had its time":    {atlastest.ReadFault{HideGets: true, HideLists: true, For: time.Nanosecond}, true, true, true, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			id := c.link(pubSubLink)
			c.post(connections, https("one"))
			c.post(connections, https("two"))
			h := s.InjectReads(tt.fault)
			shown := func(path string) bool {
				res := c.get(path)
				g.Expect(res.status).To(BeElementOf(200, 404))
				if res.status == 404 {
					g.Expect(res.code()).To(BeElementOf("STREAM_PRIVATE_LINK_NOT_FOUND", "STREAM_CONNECTION_NOT_FOUND_FOR_NAME"))
				}
				return res.status == 200
			}
			listed := func(path, member string, value any) bool {
				res := c.get(path)
				g.Expect(res.body["totalCount"]).To(BeEquivalentTo(len(res.results())))
				for _, r := range res.results() {
					if r[member] == value {
						return true
					}
				}
				return false
			}
			check := func(linkShown, linkListed, oneShown, oneListed, twoShown bool) {
				t.Helper()
				g.Expect(shown(links + "/" + id)).To(Equal(linkShown))
				g.Expect(listed(links, "_id", id)).To(Equal(linkListed))
				g.Expect(shown(connections + "/one")).To(Equal(oneShown))
				g.Expect(listed(connections, "name", "one")).To(Equal(oneListed))
				g.Expect(shown(connections + "/two")).To(Equal(twoShown))
			}
			check(tt.linkShown, tt.linkListed, tt.oneShown, tt.listed, tt.others)
			h.Remove()
			check(true, true, true, true, true)
			g.Expect(s.PrivateLinks(project)).To(HaveLen(1), "Go sees everything all the time")
		})
	}
}

func TestHolesCanAffectDeletions(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	id := c.link(pubSubLink)
	c.post(connections, https("one"))
	h := s.InjectReads(atlastest.ReadFault{HideDeletes: true, Times: 2})
	g.Expect(c.delete(links + "/" + id).status).To(Equal(404))
	g.Expect(c.delete(connections + "/one").status).To(Equal(404))
	g.Expect(h.Count()).To(Equal(2))
	g.Expect(c.get(links+"/"+id).status).To(Equal(200), "nothing was deleted")
	g.Expect(c.delete(connections + "/one").status).To(Equal(202))
	g.Expect(c.delete(links + "/" + id).status).To(Equal(202))
}

func TestHolesMayHideWorkspaces(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.post(connections, https("one"))
	s.InjectReads(atlastest.ReadFault{HideWorkspaces: true, Times: 3})
	for _, path := range []string{connections, connections + "/one", strings.TrimSuffix(connections, "/connections")} {
		g.Expect(c.get(path).code()).To(Equal("STREAM_TENANT_NOT_FOUND_FOR_NAME"))
	}
	g.Expect(c.get(links).status).To(Equal(200))
	g.Expect(c.get(connections).results()).To(HaveLen(1))
}

func TestHolesEndByCountAndTime(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	path := links + "/" + c.link(pubSubLink)
	s.InjectReads(atlastest.ReadFault{HideGets: true, Times: 2})
	g.Expect([]int{c.get(path).status, c.get(path).status, c.get(path).status}).To(Equal([]int{404, 404, 200}))
	s.InjectReads(atlastest.ReadFault{HideGets: true, For: 200 * time.Millisecond})
	g.Expect(c.get(path).status).To(Equal(404))
	g.Eventually(func() int { return c.get(path).status }).Should(Equal(200))
	s.InjectReads(atlastest.ReadFault{HideGets: true})
	s.ClearReadFaults()
	g.Expect(c.get(path).status).To(Equal(200))
}

func TestReplicasAlternate(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	path := links + "/" + c.link(pubSubLink)
	c.post(connections, https("old"))
	s.Advance(30 * time.Second)
	c.post(connections, https("new"))
	c.patch(connections+"/old", with(https("old"), object{"url": "https://changed.example"}))
	s.Advance(30*time.Second + time.Nanosecond) // the link is WORKING
	c.delete(connections + "/old")
	s.DeleteConnectionNow(project, atlastest.DefaultWorkspace, "old")

	s.InjectReads(atlastest.ReadFault{ProjectID: project, Behind: 31 * time.Second})
	states := []any{c.get(path).body["state"], c.get(path).body["state"], c.get(path).body["state"]}
	g.Expect(states).To(Equal([]any{"WORKING", "IDLE", "WORKING"}))
	g.Expect(c.get(connections+"/new").status).To(Equal(404), "it is not there yet")
	g.Expect(c.get(connections + "/new").status).To(Equal(200))
	g.Expect(c.get(connections).results()).To(ConsistOf(And(
		HaveKeyWithValue("name", "old"), HaveKeyWithValue("state", "READY"), HaveKeyWithValue("url", "https://example.org"),
	)), "it is still there, as it was")
	g.Expect(c.get(connections).results()).To(ConsistOf(HaveKeyWithValue("name", "new")))
	g.Expect(c.get(connections + "/old").body).To(HaveKeyWithValue("url", "https://example.org"))
	g.Expect(c.get(connections + "/old").status).To(Equal(404))
}

func TestReplicasTakeTurnsAtRandom(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, slow()...)
	path := links + "/" + c.link(pubSubLink)
	draw := func(seed uint64) (drawn []int) {
		h := s.InjectReads(atlastest.ReadFault{Behind: time.Minute, Seed: seed})
		defer h.Remove()
		for range 20 {
			drawn = append(drawn, c.get(path).status)
		}
		return drawn
	}
	first := draw(1)
	g.Expect(first).To(ContainElements(200, 404))
	g.Expect(draw(1)).To(Equal(first))
	g.Expect(draw(2)).NotTo(Equal(first))
}

func TestListsShiftBetweenTheirPages(t *testing.T) {
	for shift, want := range map[atlastest.Shift]struct {
		names  []string
		totals []int
	}{
		atlastest.ShiftDelete: {[]string{"shift", "0", "1", "3", "4"}, []int{6, 5}},
		atlastest.ShiftInsert: {[]string{"0", "1", "2", "2", "3", "4"}, []int{5, 6}},
	} {
		t.Run(string(shift), func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			for i := range 5 {
				s.PutConnection(project, atlastest.DefaultWorkspace, https(fmt.Sprint(i)))
				s.PutPrivateLink(project, pubSubLink, "DONE")
			}
			h := s.InjectReads(atlastest.ReadFault{ProjectID: project, Shift: shift})
			var names []string
			var totals []int
			for page := 1; page <= 2; page++ {
				res := c.get(fmt.Sprintf("%s?itemsPerPage=3&pageNum=%d", connections, page))
				totals = append(totals, int(res.body["totalCount"].(float64)))
				for _, r := range res.results() {
					name := r["name"].(string)
					names = append(names, name[:min(len(name), 5)])
				}
			}
			g.Expect(names).To(Equal(want.names))
			g.Expect(totals).To(Equal(want.totals))
			g.Expect(h.Count()).To(Equal(1))
			h.Remove()
			g.Expect(s.Connections(project, atlastest.DefaultWorkspace)).To(HaveLen(5), "what moved the list is gone")
			g.Expect(s.PrivateLinks(project)).To(HaveLen(5))
		})
	}
}

func TestAHookRunsBetweenPages(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	for i := range 4 {
		s.PutConnection(project, atlastest.DefaultWorkspace, https(fmt.Sprint(i)))
	}
	s.Inject(atlastest.Fault{
		Operation: atlastest.OpListConnections, Times: 1,
		Match: func(r atlastest.Request) bool { return r.Query.Get("pageNum") == "2" },
		Hook:  func(atlastest.Request) { s.DeleteConnectionNow(project, atlastest.DefaultWorkspace, "0") },
	})
	first, second := c.get(connections+"?itemsPerPage=2"), c.get(connections+"?itemsPerPage=2&pageNum=2")
	g.Expect(first.results()).To(HaveLen(2))
	g.Expect(second.results()).To(ConsistOf(HaveKeyWithValue("name", "3")), "2 is on neither page")
	g.Expect(second.body).To(HaveKeyWithValue("totalCount", BeEquivalentTo(3)))
}

func TestReadFaultsThatDoNothingAreMistakes(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	g.Expect(func() { s.InjectReads(atlastest.ReadFault{Target: "x"}) }).To(PanicWith(ContainSubstring("does nothing")))
	g.Expect(func() { s.InjectReads(atlastest.ReadFault{Shift: "x"}) }).To(PanicWith(ContainSubstring("shift")))
}
