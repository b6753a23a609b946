package permissions_test

import (
	"encoding/json"
	"net/http"
	"strings"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// expectJSONLog: each line is an object with the keys that docs/operations.md promises.
func (p *process) expectJSONLog() {
	p.t.Helper()
	written := map[string]bool{}
	for line := range strings.Lines(p.said()) {
		var entry map[string]any
		p.Expect(json.Unmarshal([]byte(line), &entry)).To(Succeed(), line)
		p.Expect(entry).To(And(haveText("level"), haveText("ts"), haveText("msg")), line)
		p.Expect(entry["level"]).To(BeElementOf("debug", "info", "error"), line)
		if entry["operation"] == nil {
			continue
		}
		p.Expect(entry).To(And(haveText("controller"), haveText("namespace"), haveText("name"), haveText("reconcileID"), haveText("operation")), line)
		if operation := entry["operation"].(string); operation != "finish" {
			written[operation] = true
			p.Expect(entry).To(And(haveText("atlasID"), haveText("requestID")), line)
		}
	}
	p.Expect(written).To(And(HaveKey("create"), HaveKey("update"), HaveKey("delete")))
}

func haveText(key string) types.GomegaMatcher { return HaveKeyWithValue(key, BeAssignableToTypeOf("")) }

// The log level is changed by those who may, with the commands of the page.
func (s *stage) expectLogLevel() {
	s.t.Helper()
	s.grant(allRights(s.t))
	p := s.start(nil)
	s.Eventually(func() int { return p.scrape("") }).Should(Equal(http.StatusUnauthorized))
	level := func(token string) int { return p.get("https://"+p.metrics+"/loglevel", token) }
	s.Expect(level("")).To(Equal(http.StatusUnauthorized))
	s.Expect(level(s.scraper())).To(Equal(http.StatusForbidden), "who reads metrics may not change the log level")

	s.Expect(s.runPage("operations.md", "localhost:8443", p.metrics)).To(ContainSubstring(`{"level":"debug"}`))
	p.awaitSaid(`"msg":"Log level changed","from":"info","to":"debug"`)
	createLink(s, p)
	p.awaitSaid(`"level":"debug"`)
	link := newLink(s.team)
	s.AwaitReady(link)
	s.Delete(link)
	s.AwaitGone(link)
	s.Expect(p.Stop()).To(Succeed())
}
