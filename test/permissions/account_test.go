package permissions_test

import (
	"path/filepath"

	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const (
	managerAccount = "controller-manager"
	scraperAccount = "prometheus"
)

// grant makes the manager's account with these rights: on resources everywhere, or in the given namespaces only.
func (s *stage) grant(r rights, namespaces ...string) {
	s.t.Helper()
	s.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.operator, Name: managerAccount}})
	if len(namespaces) == 0 {
		s.grantEverywhere("manager", managerAccount, r.manager)
	}
	for _, namespace := range namespaces {
		s.grantIn(namespace, "manager", r.manager)
	}
	s.grantIn(s.operator, "leader-election", r.leader)
	s.grantEverywhere("metrics-auth", managerAccount, r.metrics)
}

func (s *stage) grantIn(namespace, name string, rules []rbacv1.PolicyRule) {
	s.t.Helper()
	of := metav1.ObjectMeta{Namespace: namespace, Name: name}
	s.create(&rbacv1.Role{ObjectMeta: of, Rules: rules})
	s.create(&rbacv1.RoleBinding{
		ObjectMeta: of, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.operator, Name: managerAccount}},
	})
}

func (s *stage) grantEverywhere(name, account string, rules []rbacv1.PolicyRule) {
	s.t.Helper()
	of := metav1.ObjectMeta{Name: s.operator + "-" + name}
	s.create(&rbacv1.ClusterRole{ObjectMeta: of, Rules: rules})
	s.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: of, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: of.Name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.operator, Name: account}},
	})
}

// scraper makes an account that may read the metrics, and returns its token.
func (s *stage) scraper() string {
	s.t.Helper()
	s.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.operator, Name: scraperAccount}})
	s.grantEverywhere("metrics-reader", scraperAccount, rulesOf(s.t, "metrics_reader_role.yaml"))
	return s.token(scraperAccount)
}

// token asks the API server for a token of an account in the operator's namespace.
func (s *stage) token(account string) string {
	s.t.Helper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(3600))}}
	serviceAccount := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.operator, Name: account}}
	s.Expect(world.kube.SubResource("token").Create(s.t.Context(), serviceAccount, request)).To(Succeed())
	return request.Status.Token
}

// kubeconfig authenticates by a token of the manager's account, and by nothing else.
func (s *stage) kubeconfig() string {
	s.t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{
		Server: world.env.Config.Host, CertificateAuthorityData: world.env.Config.CAData,
	}
	config.AuthInfos["test"] = &clientcmdapi.AuthInfo{Token: s.token(managerAccount)}
	config.Contexts["test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "test"}
	config.CurrentContext = "test"
	path := filepath.Join(s.t.TempDir(), "kubeconfig")
	s.Expect(clientcmd.WriteToFile(*config, path)).To(Succeed())
	return path
}
