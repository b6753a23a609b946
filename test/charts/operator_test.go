package charts_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// Each revision leaves exactly what it renders, and the last one nothing.
func TestLifeOfTheOperator(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	one, two := "test/charts/testdata/operator/defaults.yaml", valuesFile(t, `
replicas: 2
watch: {namespaces: [`+s.namespace+`]}
podDisruptionBudget: {enabled: true}
networkPolicy: {enabled: true}
metrics: {enabled: false}
log: {level: debug}
`)
	render := func(values string) objects {
		return template(t, s.release, operatorChart, s.namespace, "--values", values)
	}
	first, second := render(one), render(two)
	helm := func(args ...string) { s.mustHelm(t, append(args, "--namespace", s.namespace)...) }
	args := func() []string {
		return s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager").Spec.Template.Spec.Containers[0].Args
	}

	helm("install", s.release, operatorChart, "--values", one)
	s.Expect(s.present(t, first).names()).To(ConsistOf(first.names()))
	s.Expect(args()).NotTo(ContainElement("--zap-log-level=debug"))

	helm("upgrade", s.release, operatorChart, "--values", two)
	s.Expect(s.present(t, append(first, second...)).names()).To(ConsistOf(append(second.names(), intersection(first, second)...)))
	s.Expect(s.present(t, first).names()).To(ConsistOf(intersection(first, second)), "what is no longer rendered is gone")
	s.Expect(args()).To(ContainElement("--zap-log-level=debug"))

	helm("rollback", s.release, "1")
	s.Expect(s.present(t, first).names()).To(ConsistOf(first.names()))
	s.Expect(s.present(t, second).names()).To(ConsistOf(intersection(first, second)))
	s.Expect(args()).NotTo(ContainElement("--zap-log-level=debug"))

	helm("uninstall", s.release)
	s.Expect(s.present(t, append(first, second...)).names()).To(BeEmpty())
	s.Expect(s.mustHelm(t, "list", "--all-namespaces", "--filter", s.release+"$", "--output", "json")).To(MatchJSON(`[]`))
}

// intersection are the names that are in both.
func intersection(a, b objects) []string {
	in := map[string]bool{}
	for _, name := range a.names() {
		in[name] = true
	}
	var both []string
	for _, name := range b.names() {
		if in[name] {
			both = append(both, name)
		}
	}
	return both
}

// Two releases side by side, such as two shards, share nothing.
func TestTwoOperators(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	a := template(t, "shard-a", operatorChart, "ops", "--set", "watch.labelSelector=shard=a")
	b := template(t, "shard-b", operatorChart, "ops", "--set", "watch.labelSelector=shard=b")
	g.Expect(intersection(a, b)).To(BeEmpty())
	selector := a.deployment(t).Spec.Selector.MatchLabels
	g.Expect(b.deployment(t).Spec.Template.Labels).NotTo(HaveKeyWithValue("app.kubernetes.io/instance", selector["app.kubernetes.io/instance"]))
}

// What is installed says what to do next.
func TestNotes(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	notes := func(args ...string) string {
		out := world.mustHelm(t, append([]string{"install", "--dry-run=client", "--output", "yaml", "--namespace", "ops"}, args...)...)
		var release struct {
			Info struct{ Notes string } `json:"info"`
		}
		g.Expect(yaml.Unmarshal([]byte(out), &release)).To(Succeed())
		return release.Info.Notes
	}
	g.Expect(notes("x", operatorChart)).To(And(
		ContainSubstring("helm install atlas-streams-crds"), ContainSubstring("all namespaces"), ContainSubstring("--timeout 60m"),
		ContainSubstring("kubectl --namespace ops rollout status deployment/x-atlas-streams-operator-controller-manager")))
	g.Expect(notes("x", operatorChart, "--set", "watch.namespaces={a,b},defaultCredentials.secretName=atlas,rbac.create=false")).To(And(
		ContainSubstring("namespaces a, b"), ContainSubstring("Secret ops/atlas"), ContainSubstring("rbac.create is false")))
	g.Expect(notes("x", crdsChart)).To(ContainSubstring("helm install atlas-streams-operator"))
	g.Expect(notes("x", streamsChart)).To(ContainSubstring("Nothing was declared"))
	g.Expect(notes("x", streamsChart, "--values", valuesFile(t, shop))).To(And(
		ContainSubstring("kubectl --namespace ops get spl,sconn --selector app.kubernetes.io/instance=x"), ContainSubstring("35 minutes")))
}
