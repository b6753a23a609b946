package permissions_test

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	managerAccount = "controller-manager"
	scraperAccount = "prometheus"
)

// grant makes the manager's account with these rights: on resources everywhere, or in the given namespaces only.
func (s *stage) grant(r rights, namespaces ...string) {
	s.t.Helper()
	s.Create(&corev1.ServiceAccount{ObjectMeta: manifest.Meta(s.operator, managerAccount)})
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
	of := manifest.Meta(namespace, name)
	s.Create(&rbacv1.Role{ObjectMeta: of, Rules: rules})
	s.Create(&rbacv1.RoleBinding{
		ObjectMeta: of, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.operator, Name: managerAccount}},
	})
}

func (s *stage) grantEverywhere(name, account string, rules []rbacv1.PolicyRule) {
	s.t.Helper()
	of := metav1.ObjectMeta{Name: s.operator + "-" + name}
	s.Create(&rbacv1.ClusterRole{ObjectMeta: of, Rules: rules})
	s.Create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: of, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: of.Name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.operator, Name: account}},
	})
}

// scraper makes an account that may read the metrics, and returns its token.
func (s *stage) scraper() string {
	s.t.Helper()
	s.Create(&corev1.ServiceAccount{ObjectMeta: manifest.Meta(s.operator, scraperAccount)})
	s.grantEverywhere("metrics-reader", scraperAccount, rulesOf(s.t, "metrics_reader_role.yaml"))
	return s.Token(s.operator, scraperAccount)
}
