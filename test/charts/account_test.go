package charts_test

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/test/internal/manifest"
)

// operatorValues are those of a manager that runs beside the cluster: the simulator in Atlas's place, ports that are
// free, the namespace of the Lease, which only a pod knows, and no patience.
func (s *stage) operatorValues() string {
	return fmt.Sprintf(`
atlas: {baseURL: %q, requestTimeout: 2s}
polling: {pendingInterval: 200ms, steadyInterval: 1s}
leaderElection: {namespace: %s}
healthProbe: {port: %s}
metrics: {port: %s}
`, s.atlas.URL, s.namespace, s.freePort(), s.freePort())
}

// The rights of the chart's account are enough for all namespaces. It is not parallel: this manager looks after the
// resources of every test.
func TestAccountForAllNamespaces(t *testing.T) {
	s := newStage(t, world.cluster)
	elsewhere := s.namespace + "-elsewhere"
	s.Create(manifest.Namespace(elsewhere), manifest.Credentials(elsewhere))
	s.mustHelm(t, s.operatorArgs("install")...)
	deployment := s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager")
	stop := s.runManager(deployment)

	link := newLink(elsewhere, "way")
	s.Create(link)
	s.AwaitReady(link)
	s.checkMetrics(flagValue(deployment.Spec.Template.Spec.Containers[0].Args, "metrics-bind-address"))
	s.Delete(link)
	s.AwaitGone(link)
	s.ExpectNoOrphans(s.atlas)
	stop()
	s.uninstallOperator()
}

// checkMetrics reads the metrics as nobody, as an account without rights, and as one with the chart's role.
func (s *stage) checkMetrics(address string) {
	s.t.Helper()
	url := "https://" + local(address) + "/metrics"
	s.Expect(s.get(url, "")).To(Equal(http.StatusUnauthorized))
	s.Expect(s.get(url, "unknown")).To(Equal(http.StatusUnauthorized), "as docs/metrics.md says")

	account := &corev1.ServiceAccount{ObjectMeta: manifest.Meta(s.namespace, "prometheus")}
	s.Create(account)
	token := s.Token(s.namespace, account.Name)
	s.Expect(s.get(url, token)).To(Equal(http.StatusForbidden))

	role := s.release + "-atlas-streams-operator-metrics-reader"
	s.Create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.namespace, Name: account.Name}},
	})
	s.Eventually(func() (int, error) { return s.get(url, s.Token(s.namespace, account.Name)) }).
		Should(Equal(http.StatusOK), "a refusal is remembered for a while per token")
}

// In named namespaces the account has rights there and at the default credentials, and nowhere else.
func TestAccountForNamedNamespaces(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	team, vault, foreign := s.namespace+"-team", s.namespace+"-vault", s.namespace+"-foreign"
	for _, namespace := range []string{team, vault, foreign} {
		s.Create(manifest.Namespace(namespace))
	}
	credentials := manifest.Credentials(vault)
	credentials.StringData["projectIds"] = project
	s.Create(credentials)
	s.mustHelm(t, s.operatorArgs("install", "--values", valuesFile(t, fmt.Sprintf(`
watch: {namespaces: [%s]}
defaultCredentials: {secretName: atlas, secretNamespace: %s, namespaces: [%[1]s]}
metrics: {secure: false}
rbac: {aggregatedRoles: false}
`, team, vault)))...)
	t.Cleanup(s.uninstallOperator)
	deployment := s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager")
	s.runManager(deployment)

	link, unseen := newLink(team, "way"), newLink(foreign, "way")
	link.Spec.CredentialsRef, unseen.Spec.CredentialsRef = nil, nil // the default credentials
	s.Create(link)
	s.AwaitReady(link)
	s.Create(unseen)
	s.Expect(s.get("http://"+local(flagValue(deployment.Spec.Template.Spec.Containers[0].Args,
		"metrics-bind-address"))+"/metrics", "")).To(Equal(http.StatusOK))
	s.Delete(link)
	s.AwaitGone(link)
	s.ExpectNoOrphans(s.atlas)
	s.Expect(unseen.Status.Conditions).To(BeEmpty())

	account := "--as=system:serviceaccount:" + s.namespace + ":" + deployment.Spec.Template.Spec.ServiceAccountName
	for namespace, can := range map[string]bool{team: true, vault: true, foreign: false, s.namespace: false} {
		out, err := s.kubectl(t.Context(), "auth", "can-i", "get", "secrets", "--namespace", namespace, account)
		s.Expect(out).To(HavePrefix(map[bool]string{true: "yes", false: "no"}[can]), "%s: %v", namespace, err)
	}
}

// Built-in roles handle the operator's kinds.
func TestAggregatedRoles(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.mustHelm(t, s.operatorArgs("install", "--set", "watch.namespaces={"+s.namespace+"}")...)
	t.Cleanup(s.uninstallOperator)
	for person, role := range map[string]string{"viewer": "view", "editor": "edit"} {
		s.mustKubectl(t, "create", "rolebinding", person, "--namespace", s.namespace, "--clusterrole", role, "--user", person)
	}
	canI := func(person, verb, kind string) func() string {
		return func() string {
			out, _ := s.kubectl(t.Context(), "auth", "can-i", verb, kind+".atlasstreams.io", "--namespace", s.namespace, "--as", person)
			return out
		}
	}
	for _, kind := range []string{"streamprivatelinks", "streamconnections", "privateendpointservices"} {
		s.Eventually(canI("viewer", "get", kind)).Should(HavePrefix("yes"), kind)
		s.Eventually(canI("editor", "create", kind)).Should(HavePrefix("yes"), kind)
		s.Expect(canI("viewer", "create", kind)()).To(HavePrefix("no"), kind)
	}
}
