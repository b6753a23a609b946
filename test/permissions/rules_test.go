package permissions_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// rights are the rules of the manager's account; the charts and the static install are made from the same files.
type rights struct {
	// manager: on the resources it looks after, in all namespaces or in named ones.
	manager []rbacv1.PolicyRule
	// leader: in the operator's own namespace.
	leader []rbacv1.PolicyRule
	// metrics: about those who read its metrics, for the whole cluster.
	metrics []rbacv1.PolicyRule
}

func allRights(t *testing.T) rights {
	t.Helper()
	return rights{
		manager: rulesOf(t, "role.yaml"), leader: rulesOf(t, "leader_election_role.yaml"), metrics: rulesOf(t, "metrics_auth_role.yaml"),
	}
}

// rulesOf are the rules of a Role or ClusterRole of config/rbac.
func rulesOf(t *testing.T, file string) []rbacv1.PolicyRule {
	t.Helper()
	g := NewWithT(t)
	text, err := os.ReadFile(filepath.Join("config", "rbac", file))
	g.Expect(err).NotTo(HaveOccurred())
	var role rbacv1.ClusterRole
	g.Expect(yaml.Unmarshal(text, &role)).To(Succeed())
	g.Expect(role.Rules).NotTo(BeEmpty(), file)
	return role.Rules
}

// permission is one verb on one resource, as in "get secrets" or "patch streamprivatelinks.atlasstreams.io/status".
type permission string

// permissions takes rules apart.
func permissions(rules []rbacv1.PolicyRule) []permission {
	var all []permission
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					all = append(all, permissionOf(verb, resource, group))
				}
			}
		}
	}
	return all
}

func permissionOf(verb, resource, group string) permission {
	name, subresource, _ := strings.Cut(resource, "/")
	if group != "" {
		name += "." + group
	}
	if subresource != "" {
		name += "/" + subresource
	}
	return permission(verb + " " + name)
}

// list names every permission.
func (r rights) list() []permission {
	return slices.Concat(permissions(r.manager), permissions(r.leader), permissions(r.metrics))
}

// without takes one permission away. Every rule becomes several, of one verb and one resource each.
func (r rights) without(p permission) rights {
	return rights{manager: drop(r.manager, p), leader: drop(r.leader, p), metrics: drop(r.metrics, p)}
}

func drop(rules []rbacv1.PolicyRule, p permission) []rbacv1.PolicyRule {
	var kept []rbacv1.PolicyRule
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					if permissionOf(verb, resource, group) != p {
						kept = append(kept, rbacv1.PolicyRule{
							APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{verb}, ResourceNames: rule.ResourceNames,
						})
					}
				}
			}
		}
	}
	return kept
}
