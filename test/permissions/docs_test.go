package permissions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/docs"
)

// described finds the rules of the tables: the first column, with a verb and a resource.
var described = regexp.MustCompile("(?m)^\\| `([a-z]+ [a-z./0-9]+)` \\|")

// The page about permissions has a row for each rule, and for no other.
func TestPermissionsAreDocumented(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	page, err := os.ReadFile(filepath.Join("docs", "permissions.md"))
	g.Expect(err).NotTo(HaveOccurred())
	var rows []permission
	for _, match := range described.FindAllStringSubmatch(string(page), -1) {
		rows = append(rows, permission(match[1]))
	}
	g.Expect(rows).To(ConsistOf(allRights(t).list()))
}

// runPage runs the marked blocks of a page, one after the other, as an administrator. What is here elsewhere than on the
// page is given in pairs, old and new.
func (s *stage) runPage(page string, replacements ...string) (output string) {
	s.t.Helper()
	blocks := docs.Marked(s, filepath.Join("docs", page))
	s.Expect(blocks).NotTo(BeEmpty(), page)
	for _, block := range blocks {
		output += s.shell(strings.NewReplacer(replacements...).Replace(block.Script))
	}
	return output
}

// shell runs commands with the kubectl of the control plane, in the team's namespace.
func (s *stage) shell(script string) string {
	s.t.Helper()
	kubectl, err := testenv.Binary("kubectl")
	s.Expect(err).NotTo(HaveOccurred())
	command := exec.CommandContext(s.t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(kubectl)+":"+os.Getenv("PATH"), "KUBECONFIG="+world.Env.Kubeconfig,
		"ATLAS_CLIENT_ID=id", "ATLAS_CLIENT_SECRET=secret")
	out, err := command.CombinedOutput()
	s.Expect(err).NotTo(HaveOccurred(), "%s\n%s", script, out)
	return string(out)
}

// The commands of the pages work. It is not parallel: one of them is a policy for the whole cluster.
func TestDocs(t *testing.T) {
	s := newStage(t)
	s.shell("kubectl apply --server-side --force-conflicts -k config/default")
	defer s.deletePolicy()
	s.Expect(s.runPage("permissions.md")).To(And(HavePrefix("yes\n"), ContainSubstring("secrets")))
	s.runPage("multi-tenancy.md")
	s.expectPolicy()
	s.deletePolicy()
	link := newLink("default")
	s.Create(link)
	s.Expect(s.runPage("troubleshooting.md")).To(ContainSubstring(link.Name))
	s.Expect(s.runPage("faq.md")).To(ContainSubstring("annotate"))
	s.runAlerts(link)
	s.Delete(link)
	s.expectLogLevel()
}

// runAlerts runs what the pages of the alerts say to do, for a resource that has the alert's labels.
func (s *stage) runAlerts(link client.Object) {
	s.t.Helper()
	pages, err := filepath.Glob("docs/alerts/*.md")
	s.Expect(err).NotTo(HaveOccurred())
	labels := strings.NewReplacer("NAMESPACE", link.GetNamespace(), "KIND", "StreamPrivateLink", "NAME", link.GetName())
	ran := 0
	for _, page := range pages {
		for _, script := range docs.Commands(s, page) {
			s.shell(labels.Replace(script))
			ran++
		}
	}
	s.Expect(ran).To(BeNumerically(">", 4))
}

// expectPolicy: a namespace may use its own Atlas project, and no other.
func (s *stage) expectPolicy() {
	s.t.Helper()
	try := func(namespace string) func() error {
		return func() error { return world.Kube.Create(s.t.Context(), newLink(namespace), client.DryRunAll) }
	}
	const refusal = "spec.projectId is not the Atlas project of this namespace"
	s.Eventually(try(s.team)).Should(MatchError(ContainSubstring(refusal)), "without a label")
	for name, of := range map[string]string{"mine": project, "theirs": "65f1c0de0000000000000009"} {
		s.Create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.team + name, Labels: map[string]string{"example.com/atlas-project": of}}})
	}
	s.Eventually(try(s.team + "mine")).Should(Succeed())
	s.Expect(try(s.team + "theirs")()).To(MatchError(ContainSubstring(refusal)))
}

// deletePolicy removes the policy, so that it does not hinder others, and waits until it has no effect.
func (s *stage) deletePolicy() {
	of := metav1.ObjectMeta{Name: "atlas-project-of-namespace"}
	for _, object := range []client.Object{
		&admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: of}, &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: of},
	} {
		s.Expect(client.IgnoreNotFound(world.Kube.Delete(s.t.Context(), object))).To(Succeed())
	}
	s.Eventually(func() error {
		return world.Kube.Create(s.t.Context(), newLink(s.team), client.DryRunAll)
	}).Should(Succeed())
}
