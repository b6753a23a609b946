package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		row    row
		missed bool
		limit  string
	}{
		"no limit":    {figure("w", 1e9, ""), false, ""},
		"below":       {atMost("w", 1, "", 2), false, "2"},
		"at":          {atMost("w", 1.25, "x", 1.25), false, "1.25"},
		"above":       {atMost("w", 1.2501, "x", 1.25), true, "1.25"},
		"exact":       {exactly("w", 1, 1), false, "= 1"},
		"exact, less": {exactly("w", 0, 1), true, "= 1"},
		"exact, more": {exactly("w", 2, 1), true, "= 1"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(test.row.missed()).To(Equal(test.missed))
			g.Expect(test.row.limit()).To(Equal(test.limit))
		})
	}
}

func TestNumber(t *testing.T) {
	g := NewWithT(t)
	for f, text := range map[float64]string{0: "0", 3: "3", 1.2549: "1.25", 1.256: "1.26", 0.004: "0", 10000: "10000"} {
		g.Expect(number(f)).To(Equal(text))
	}
}

func TestTable(t *testing.T) {
	g := NewWithT(t)
	var out strings.Builder
	writeTable(&out, []row{
		figure("a thing", 1.5, "s"), atMost("another", 2, "", 3).noted("hidden"), exactly("third", 1, 0).noted("shown"),
	})
	g.Expect(strings.Split(out.String(), "\n")).To(Equal([]string{
		"",
		"what     measured  at most  ok",
		"a thing  1.5 s              ",
		"another  2         3        ok",
		"third    1         = 0      MISSED",
		"  missed: third: shown",
		"",
	}))
}

func TestReport(t *testing.T) {
	g := NewWithT(t)
	r := newReport(options{links: 7, idle: time.Minute})
	good, bad := r.section(section{name: "good"}), r.section(section{name: "bad"})
	good.add(figure("a", 1, ""), atMost("b", 1, "", 2))
	bad.add(atMost("c", 3, "", 2))
	g.Expect(r.missed()).To(Equal(1))
	bad.fail(errors.New("broken"))
	g.Expect(r.missed()).To(Equal(2), "what could not be measured is missed")
	g.Expect(r.summary()).To(Equal("1 of 3 limits are kept"))

	path := filepath.Join(t.TempDir(), "new", "bench.json")
	g.Expect(r.save(path)).To(Succeed())
	data, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	var saved report
	g.Expect(json.Unmarshal(data, &saved)).To(Succeed())
	g.Expect(&saved).To(Equal(r))
}

func TestMarkdown(t *testing.T) {
	g := NewWithT(t)
	r := newReport(options{})
	r.Machine = machine{Time: time.Date(2026, 9, 1, 2, 3, 4, 0, time.UTC), Cores: 2, Processor: "P", System: "linux/amd64", Go: "go1", Manager: "v1"}
	r.section(section{name: "n", title: "t"}).add(figure("a", 1.5, "s"), atMost("b", 1, "", 2), exactly("c", 1, 0))
	path := filepath.Join(t.TempDir(), "bench.json")
	g.Expect(r.save(path)).To(Succeed())
	var out strings.Builder
	g.Expect(printMarkdown(&out, path)).To(Succeed())
	g.Expect(out.String()).To(Equal(`2026-09-01, linux/amd64: 2 cores (P), go1, manager v1.

#### ` + "`n`" + `: t

| what | measured | at most |
|---|---|---|
| a | 1.5 s |  |
| b | 1 | 2 |
| c | **1** | = 0 |
`))
	g.Expect(printMarkdown(&out, path+"x")).To(MatchError(os.ErrNotExist))
}

func TestCreationRows(t *testing.T) {
	g := NewWithT(t)
	status := apiCall{"PATCH", "atlasstreams.io", "streamconnections", "status"}
	c := creation{
		objects: 1000, distinct: 1000, took: 25 * time.Second,
		span: span{api: apiCalls{status: 3000}, atlas: atlasCalls{answered: map[atlastest.Operation]int{atlastest.OpCreateConnection: 1080}}},
	}
	rows := append(c.rows("things"), c.timeRows(20*time.Second, true)...)
	g.Expect(missed(rows)).To(BeEmpty(), "at the limits")

	c.atlas.answered[atlastest.OpListConnections] = 1
	c.api[status]++
	c.atlas.overlapped = 1
	c.took += time.Millisecond
	rows = append(c.rows("things"), c.timeRows(20*time.Second, true)...)
	g.Expect(missed(rows)).To(ConsistOf("requests to create 1000 things", "status writes per created object",
		"overlapping writes to one workspace", "time to all Ready, against the bare loop"))
}

// Lists are read by time: a slow API server makes more of them, and a manager that reads them too often is still found.
func TestTheLimitOfRequestsFollowsTheTimeThatCreationTakes(t *testing.T) {
	g := NewWithT(t)
	c := creation{objects: 10000, pages: 50, took: 2 * time.Minute}
	g.Expect(c.mostRequests()).To(Equal(10550.0))
	c.took = time.Minute
	g.Expect(c.mostRequests()).To(Equal(10530.0), "a twentieth more")
	c.took = 4 * time.Minute
	g.Expect(c.mostRequests()).To(Equal(11070.0))
	c.pages = 0
	g.Expect(c.mostRequests()).To(Equal(10530.0))
}

func TestRestartRows(t *testing.T) {
	g := NewWithT(t)
	type counts = map[atlastest.Operation]int
	good := span{atlas: atlasCalls{answered: counts{atlastest.OpListConnections: 2, atlastest.OpToken: 1}}}
	g.Expect(missed(restartRows(good, 2, 1))).To(BeEmpty())
	bad := span{
		atlas: atlasCalls{answered: counts{atlastest.OpListConnections: 2, atlastest.OpToken: 1, atlastest.OpUpdateConnection: 1}, challenged: 1},
		api:   apiCalls{{"PATCH", "atlasstreams.io", "streamconnections", "status"}: 1},
	}
	g.Expect(missed(restartRows(bad, 2, 1))).To(HaveLen(4))
}

func missed(rows []row) (names []string) {
	for _, r := range rows {
		if r.missed() {
			names = append(names, r.What)
		}
	}
	return names
}
