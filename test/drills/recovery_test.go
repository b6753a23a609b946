package drills_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// A quarter of the resources are links, a quarter connections over them, a quarter public connections with a secret, and
// a quarter connections without. DRILL_RESOURCES sets how many there are; 1,000 take about five minutes on two busy cores.
const defaultResources = 40

func resourceCount(t *testing.T) int {
	t.Helper()
	text, set := os.LookupEnv("DRILL_RESOURCES")
	if !set {
		return defaultResources
	}
	count, err := strconv.Atoi(text)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return count / 4 * 4
}

const shop = "shop"

// estate is what a team has in Git, with what it has in its store of secrets.
func estate(count int, policy v1alpha1.AdoptionSecrets) []client.Object {
	objects := []client.Object{manifest.Namespace(shop), manifest.Credentials(shop)}
	for i := range count / 4 {
		link, over, public, plain := manifest.Link(shop, fmt.Sprintf("way-%d", i)), manifest.Kafka(shop, fmt.Sprintf("over-%d", i)),
			manifest.Kafka(shop, fmt.Sprintf("public-%d", i)), manifest.HTTPS(shop, fmt.Sprintf("hook-%d", i))
		for _, connection := range []*v1alpha1.StreamConnection{manifest.Over(link.Name, over), public} {
			connection.Spec.AdoptionSecrets = policy
			connection.Spec.Kafka.Authentication.PasswordSecretRef.Name = connection.Name
			objects = append(objects, manifest.Secret(shop, connection.Name, map[string]string{"password": "planted-" + connection.Name}))
		}
		objects = append(objects, over, public, plain, link)
	}
	return objects
}

// writes counts what was sent to Atlas and accepted.
func writes(atlas *atlastest.Server) map[atlastest.Operation]int {
	counts := map[atlastest.Operation]int{}
	for _, op := range []atlastest.Operation{
		atlastest.OpCreatePrivateLink, atlastest.OpUpdatePrivateLink, atlastest.OpDeletePrivateLink,
		atlastest.OpCreateConnection, atlastest.OpUpdateConnection, atlastest.OpDeleteConnection,
	} {
		if n := len(atlas.RequestsOf(op)); n > 0 {
			counts[op] = n
		}
	}
	return counts
}

func TestNewClusterAdoptsWhatALostOneManaged(t *testing.T) {
	t.Parallel()
	count := resourceCount(t)
	atlas := atlastest.NewServer(t, atlastest.WithDurations(quick), atlastest.WithRequestLog(100*count))
	took := func(what string, start time.Time) { t.Logf("%s: %s", what, time.Since(start).Round(time.Millisecond)) }

	began := time.Now()
	first := newCluster(t, atlas)
	took("start a cluster", began)
	first.Create(estate(count, "")...)
	first.awaitAll(count, v1alpha1.OwnershipCreated)
	took("create", began)
	first.lose()
	made := map[atlastest.Operation]int{atlastest.OpCreatePrivateLink: count / 4, atlastest.OpCreateConnection: count / 4 * 3}
	first.Expect(writes(atlas)).To(Equal(made))

	began = time.Now()
	second := newCluster(t, atlas)
	second.Create(estate(count, v1alpha1.AdoptionSecretsTrust)...)
	second.awaitAll(count, v1alpha1.OwnershipAdopted)
	took("adopt with Trust", began)
	second.Consistently(func() any { return writes(atlas) }).Should(Equal(made), "nothing is written")
	second.lose()

	began = time.Now()
	third := newCluster(t, atlas)
	third.Create(estate(count, v1alpha1.AdoptionSecretsSend)...)
	third.awaitAll(count, v1alpha1.OwnershipAdopted)
	took("adopt with Send", began)
	made[atlastest.OpUpdateConnection] = count / 2
	third.Consistently(func() any { return writes(atlas) }).Should(Equal(made), "one PATCH for each connection with a secret")
	third.Expect(atlas.Connections(project, workspace)).To(HaveLen(count / 4 * 3))
	third.Expect(atlas.PrivateLinks(project)).To(HaveLen(count / 4))
}
