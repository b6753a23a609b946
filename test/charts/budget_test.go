package charts_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

// A number of the PodDisruptionBudget is rendered as it is set, zero too.
func TestPodDisruptionBudget(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]map[string]any{
		"replicas=2":                                      {"maxUnavailable": float64(1)},
		"podDisruptionBudget.maxUnavailable=0":            {"maxUnavailable": float64(0)},
		"podDisruptionBudget.maxUnavailable=2":            {"maxUnavailable": float64(2)},
		"podDisruptionBudget.maxUnavailable=50%":          {"maxUnavailable": "50%"},
		"podDisruptionBudget.minAvailable=0":              {"minAvailable": float64(0)},
		"replicas=2,podDisruptionBudget.minAvailable=1":   {"minAvailable": float64(1)},
		"replicas=3,podDisruptionBudget.minAvailable=66%": {"minAvailable": "66%"},
		"replicas=0,podDisruptionBudget.minAvailable=1":   {"minAvailable": float64(1)},
	} {
		t.Run(set, func(t *testing.T) {
			g := NewWithT(t)
			budgets := template(t, "x", operatorChart, "ops", "--set", "podDisruptionBudget.enabled=true,"+set).ofKind("PodDisruptionBudget")
			g.Expect(budgets).To(HaveLen(1))
			spec := budgets[0].Object["spec"].(map[string]any)
			delete(spec, "selector")
			g.Expect(spec).To(Equal(want))
		})
	}
}
