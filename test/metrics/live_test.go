package metrics_test

import (
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// What a live manager serves in a life with everything in it is what the dashboard and the alerts ask for.
func TestQueriesAgainstALiveManager(t *testing.T) {
	g := NewWithT(t)
	s := newStage(t)
	scraped := newDatabase()
	s.prepare()
	g.Expect(scraped.ingest(s.scrape())).To(Succeed())
	s.trouble()
	for range 2 {
		g.Expect(scraped.ingest(s.scrape())).To(Succeed())
	}
	expectNothingSecret(g, scraped)
	expectDocumented(g, scraped)

	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	for _, q := range readDashboard(g) {
		expectKnown(g, scraped, q)
		asked, err := engine.NewInstantQuery(t.Context(), scraped, nil, q.expr, scraped.last)
		g.Expect(err).NotTo(HaveOccurred(), "%s: %s", q.panel, q.expr)
		result := asked.Exec(t.Context())
		g.Expect(result.Err).NotTo(HaveOccurred(), "%s: %s", q.panel, q.expr)
		found, err := result.Vector()
		g.Expect(err).NotTo(HaveOccurred(), "%s: %s", q.panel, q.expr)
		g.Expect(found).NotTo(BeEmpty(), "%s shows nothing: %s", q.panel, q.expr)
		asked.Close()
	}
	for _, rule := range readRules(g) {
		expectKnown(g, scraped, query{rule.Alert, rule.Expr})
	}
}

// expectKnown looks for every metric of a query, and for every label that it selects by.
func expectKnown(g Gomega, scraped *database, q query) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(q.expr)
	g.Expect(err).NotTo(HaveOccurred(), "%s: %s", q.panel, q.expr)
	selectors := 0
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		selectors++
		known := scraped.labelNames(selector.Name)
		g.Expect(known).NotTo(BeEmpty(), "%s asks for %s, which the manager does not serve", q.panel, selector.Name)
		for _, matcher := range selector.LabelMatchers {
			g.Expect(known).To(ContainElement(matcher.Name), "%s selects %s by %s", q.panel, selector.Name, matcher.Name)
		}
		return nil
	})
	g.Expect(selectors).To(BeNumerically(">", 0), "%s asks for nothing: %s", q.panel, q.expr)
}

// expectDocumented: the manager serves every metric of the documentation, and no other of its own.
func expectDocumented(g Gomega, scraped *database) {
	page, err := os.ReadFile("docs/metrics.md")
	g.Expect(err).NotTo(HaveOccurred())
	documented := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "| `atlas_streams_"); ok {
			name, _, _ = strings.Cut(name, "`")
			documented["atlas_streams_"+name] = true
		}
	}
	served := map[string]bool{}
	for _, series := range scraped.series {
		name := series.Metric.Get(model.MetricNameLabel)
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(name, suffix); documented[base] {
				name = base
			}
		}
		if strings.HasPrefix(name, "atlas_streams_") {
			served[name] = true
		}
	}
	g.Expect(served).To(Equal(documented))
}

// expectNothingSecret looks for credentials and their ids in names and labels.
func expectNothingSecret(g Gomega, scraped *database) {
	for key := range scraped.series {
		for _, private := range privateTexts {
			g.Expect(key).NotTo(ContainSubstring(private))
		}
	}
}
