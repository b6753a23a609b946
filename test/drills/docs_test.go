package drills_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/docs"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	recoveryPage = "docs/disaster-recovery.md"
	storesPage   = "docs/secret-stores.md"
	migratePage  = "docs/migrate.md"
)

// The commands of the page lead from a lost cluster to one that has everything.
func TestRecoveryPage(t *testing.T) {
	t.Parallel()
	const count = 8
	atlas := atlastest.NewServer(t, atlastest.WithDurations(quick))
	dir := t.TempDir()
	first := newCluster(t, atlas)
	first.writeManifests(filepath.Join(dir, "manifests"), estate(count, ""))
	first.Create(estate(count, "")...)
	first.awaitAll(count, v1alpha1.OwnershipCreated)
	first.run(dir, recoveryPage, "ids")
	ids, err := os.ReadFile(filepath.Join(dir, "atlas-ids.txt"))
	first.Expect(err).NotTo(HaveOccurred())
	for _, link := range atlas.PrivateLinks(project) {
		first.Expect(string(ids)).To(MatchRegexp(`StreamPrivateLink +shop +way-\d+ +` + link.ID))
	}
	made := writes(atlas)
	first.lose()

	second := newCluster(t, atlas)
	for _, object := range estate(count, "") {
		if _, ours := object.(v1alpha1.Managed); !ours {
			second.Create(object)
		}
	}
	second.run(dir, recoveryPage, "apply", "wait")
	second.Expect(second.run(dir, recoveryPage, "check")).To(BeEmpty())
	second.awaitAll(count, v1alpha1.OwnershipAdopted)
	second.Expect(writes(atlas)).To(Equal(made), "nothing is written")
}

// writeManifests writes the links and connections among objects, as people keep them in Git.
func (c *cluster) writeManifests(dir string, objects []client.Object) {
	c.t.Helper()
	var resources []string
	for _, object := range objects {
		if _, ours := object.(v1alpha1.Managed); !ours {
			continue
		}
		kind, err := c.Kube.GroupVersionKindFor(object)
		c.Expect(err).NotTo(HaveOccurred())
		object.GetObjectKind().SetGroupVersionKind(kind)
		text, err := yaml.Marshal(object)
		c.Expect(err).NotTo(HaveOccurred())
		resources = append(resources, string(text))
	}
	c.Expect(os.Mkdir(dir, 0o700)).To(Succeed())
	for name, text := range map[string]string{"kustomization.yaml": "resources: [resources.yaml]\n", "resources.yaml": strings.Join(resources, "---\n")} {
		c.Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
	}
}

// A tool that keeps Secrets up to date is played by the test.
func TestSecretStoresPage(t *testing.T) {
	t.Parallel()
	atlas := atlastest.NewServer(t, atlastest.WithDurations(quick))
	const namespace = "shop"
	c := sharedCluster(t, atlas, namespace)
	dir := t.TempDir()
	c.Create(manifest.Namespace(namespace), manifest.Credentials(namespace))
	orders := manifest.Kafka(namespace, "orders")
	password := func() string {
		return atlas.Secrets(project, workspace, "orders")["authentication.password"]
	}
	patches := func() int { return len(atlas.RequestsOf(atlastest.OpUpdateConnection)) }

	c.run(dir, storesPage, "connection")
	c.Await(orders, v1alpha1.ConditionSynced, "False SecretNotFound", ContainSubstring(namespace+"/orders-kafka"))
	c.run(dir, storesPage, "secret")
	c.AwaitReady(orders)
	c.Expect(password()).To(Equal("replace-me"))

	secret := &corev1.Secret{ObjectMeta: manifest.Meta(namespace, "orders-kafka")}
	refresh := func(value string) {
		kubetest.Edit(c.Client, secret, func(s *corev1.Secret) {
			s.StringData = map[string]string{"password": value}
			s.Annotations = map[string]string{"reconcile.external-secrets.io/data-hash": "of " + value, "refreshed": s.ResourceVersion}
		})
	}
	refresh("planted-rotated")
	c.Eventually(password).Should(Equal("planted-rotated"))
	c.Await(orders, v1alpha1.ConditionSynced, "True Synced")
	refresh("planted-rotated")
	c.Consistently(patches).Should(Equal(1), "the same values are nothing to send")

	c.Delete(secret)
	c.Await(orders, v1alpha1.ConditionSynced, "False SecretNotFound")
	c.Await(orders, v1alpha1.ConditionReady, "True Ready")
	c.Expect(password()).To(Equal("planted-rotated"))
	c.run(dir, storesPage, "secret")
	c.Await(orders, v1alpha1.ConditionSynced, "True Synced")
	c.Eventually(password).Should(Equal("replace-me"))

	c.Delete(secret, manifest.Credentials(namespace), orders)
	c.AwaitGone(orders)
	c.ExpectNoOrphans(atlas)
}

// The test plays the other tool, which has made one link twice.
func TestMigratePage(t *testing.T) {
	t.Parallel()
	atlas := atlastest.NewServer(t, atlastest.WithDurations(quick))
	const namespace = "depot"
	c := sharedCluster(t, atlas, namespace)
	dir := t.TempDir()
	c.Create(manifest.Namespace(namespace), manifest.Credentials(namespace), manifest.Secret(namespace, "orders-kafka", map[string]string{"password": "planted-password"}))
	fields := map[string]any{
		"provider": "AWS", "vendor": "CONFLUENT", "region": "US_EAST_1", "dnsDomain": "abc123.us-east-1.aws.confluent.cloud",
		"serviceEndpointId": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
	}
	made, unused := atlas.PutPrivateLink(project, fields, atlastest.StateDone), atlas.PutPrivateLink(project, fields, atlastest.StateDone)
	atlas.PutConnection(project, workspace, map[string]any{
		"name": "orders", "type": "Kafka", "bootstrapServers": "old.us-east-1.aws.confluent.cloud:9092",
		"authentication": map[string]any{"mechanism": "PLAIN", "username": "orders", "password": "planted-password"},
		"security":       map[string]any{"protocol": "SASL_SSL"},
		"networking":     map[string]any{"access": map[string]any{"type": "PRIVATE_LINK", "connectionId": made}},
	})
	link, orders := manifest.Link(namespace, "confluent"), manifest.Kafka(namespace, "orders")

	c.run(dir, migratePage, "observe")
	c.Await(link, v1alpha1.ConditionReady, "False Ambiguous", And(ContainSubstring(made), ContainSubstring(unused)))
	c.environment = []string{"LINK_ID=" + made}
	c.run(dir, migratePage, "import")
	c.AwaitReady(link)
	c.Await(orders, v1alpha1.ConditionSynced, "False Drifted", ContainSubstring("kafka.bootstrapServers"))
	c.Expect(c.run(dir, migratePage, "compare")).To(MatchRegexp("StreamConnection +orders +[0-9a-f]{24} +False .*kafka.bootstrapServers"))
	atlas.EditConnection(project, workspace, "orders", func(fields map[string]any) {
		fields["bootstrapServers"] = "lkc-1.us-east-1.aws.confluent.cloud:9092"
	})
	c.Await(orders, v1alpha1.ConditionSynced, "True Synced")

	c.run(dir, migratePage, "manage")
	c.AwaitReady(link, orders)
	c.Expect(link.Status.ID).To(Equal(made))
	c.Expect(writes(atlas)).To(BeEmpty(), "nothing is written")

	c.Delete(orders)
	c.AwaitGone(orders)
	c.Expect(atlas.Connections(project, workspace)).To(HaveLen(1), "the way back")
	c.run(dir, migratePage, "observe", "manage", "own")
	c.AwaitReady(link, orders)
	c.Delete(orders, link)
	c.AwaitGone(orders, link)
	c.Expect(atlas.Connections(project, workspace)).To(BeEmpty())
	c.Expect(atlas.PrivateLinks(project)).To(ConsistOf(HaveField("ID", unused)))
}

// Every marked block is run by the tests of its page.
func TestAllMarkedBlocksAreRun(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	source, err := os.ReadFile("test/drills/docs_test.go")
	g.Expect(err).NotTo(HaveOccurred())
	for _, page := range []string{recoveryPage, storesPage, migratePage} {
		blocks := docs.Marked(g, page)
		g.Expect(blocks).NotTo(BeEmpty(), page)
		for _, block := range blocks {
			g.Expect(string(source)).To(ContainSubstring(`"`+block.Name+`"`), "%s: nobody runs %s", page, block.Name)
		}
	}
}
