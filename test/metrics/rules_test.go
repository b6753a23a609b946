package metrics_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

const (
	rulesFile = "charts/atlas-streams-operator/files/alerts.yaml"
	pages     = "docs/alerts"
	runbooks  = "https://github.com/atlasstreams/operator/blob/main/docs/alerts/"
)

// rule is an alert as Prometheus reads it.
type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func readRules(g Gomega) []rule {
	text, err := os.ReadFile(rulesFile)
	g.Expect(err).NotTo(HaveOccurred())
	var file struct {
		Groups []struct {
			Rules []rule `json:"rules"`
		} `json:"groups"`
	}
	g.Expect(yaml.Unmarshal(text, &file)).To(Succeed())
	var rules []rule
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	g.Expect(rules).NotTo(BeEmpty())
	return rules
}

// Every alert has a page, and every page an alert, with the same severity.
func TestEveryAlertHasItsPage(t *testing.T) {
	g := NewWithT(t)
	index, err := os.ReadFile(filepath.Join(pages, "README.md"))
	g.Expect(err).NotTo(HaveOccurred())
	wanted := []string{"README.md"}
	for _, rule := range readRules(g) {
		file := rule.Alert + ".md"
		wanted = append(wanted, file)
		severity := rule.Labels["severity"]
		g.Expect(severity).To(BeElementOf("warning", "critical"), rule.Alert)
		g.Expect(rule.Annotations).To(And(
			HaveKeyWithValue("summary", Not(BeEmpty())), HaveKeyWithValue("description", Not(BeEmpty())),
			HaveKeyWithValue("runbook_url", runbooks+file),
		), rule.Alert)
		page, err := os.ReadFile(filepath.Join(pages, file))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(page)).To(HavePrefix("# "+rule.Alert+"\n\n**Severity:** "+severity+"\n"), rule.Alert)
		for _, part := range []string{"## Meaning", "## Impact", "## What to do"} {
			g.Expect(string(page)).To(ContainSubstring(part), rule.Alert)
		}
		g.Expect(string(index)).To(ContainSubstring("| ["+rule.Alert+"]("+file+") | "+severity+" |"), "the table of %s", pages)
	}
	entries, err := os.ReadDir(pages)
	g.Expect(err).NotTo(HaveOccurred())
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	g.Expect(found).To(ConsistOf(wanted))
}

// promtool runs the unit tests of the rules. Every alert has some.
func TestAlerts(t *testing.T) {
	g := NewWithT(t)
	const tests = "test/metrics/testdata/alerts_test.yaml"
	out, err := promtool(t, "test", "rules", tests)
	g.Expect(err).NotTo(HaveOccurred(), out)
	text, err := os.ReadFile(tests)
	g.Expect(err).NotTo(HaveOccurred())
	for _, rule := range readRules(g) {
		g.Expect(strings.Count(string(text), "alertname: "+rule.Alert+"\n")).To(BeNumerically(">=", 2), "tests of %s", rule.Alert)
	}
}
