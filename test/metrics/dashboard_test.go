package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/gomega"
)

const dashboardFile = "charts/atlas-streams-operator/files/dashboard.json"

// query is what one part of a panel asks.
type query struct{ panel, expr string }

type dashboard struct {
	Templating struct {
		List []struct {
			Name       string `json:"name"`
			Type       string `json:"type"`
			Definition string `json:"definition"`
		} `json:"list"`
	} `json:"templating"`
	Panels []struct {
		Title   string `json:"title"`
		Type    string `json:"type"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

// variables take the place of Grafana's, as when everything is selected.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$kind", ".*", "$namespace", ".*")

var labelValues = regexp.MustCompile(`^label_values\((.*), ([a-z_]+)\)$`)

// readDashboard returns the queries of the panels, and those that the variables get their values from, as groupings by
// the label that they are for.
func readDashboard(g Gomega) []query {
	text, err := os.ReadFile(dashboardFile)
	g.Expect(err).NotTo(HaveOccurred())
	var d dashboard
	g.Expect(json.Unmarshal(text, &d)).To(Succeed())
	var queries []query
	for _, variable := range d.Templating.List {
		if variable.Type != "query" {
			continue
		}
		parts := labelValues.FindStringSubmatch(variable.Definition)
		g.Expect(parts).NotTo(BeNil(), variable.Definition)
		queries = append(queries, query{"variable " + variable.Name, "group by (" + parts[2] + ") (" + variables.Replace(parts[1]) + ")"})
	}
	for _, panel := range d.Panels {
		if panel.Type != "row" {
			g.Expect(panel.Targets).NotTo(BeEmpty(), panel.Title)
		}
		for _, target := range panel.Targets {
			queries = append(queries, query{panel.Title, variables.Replace(target.Expr)})
		}
	}
	g.Expect(len(queries)).To(BeNumerically(">", 20))
	for _, q := range queries {
		g.Expect(q.expr).NotTo(ContainSubstring("$"), "a variable that the dashboard does not have, in %s", q.panel)
	}
	return queries
}
