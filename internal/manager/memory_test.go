package manager

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/testenv"
)

const (
	// secretsVariable overrides the number of foreign Secrets, for manual measurements.
	secretsVariable = "MEMORY_SECRETS"
	defaultSecrets  = 1000
	// foreignSecretLimit is the maximum heap size in bytes per unreferenced Secret.
	foreignSecretLimit = 1024
	patience           = 2 * time.Minute
)

// applied is the annotation of kubectl apply, which contains the values of the Secret.
func applied(name, value string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: name,
			Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: strings.Repeat(value, 7*1024/len(value))},
		},
		Data: map[string][]byte{"password": []byte(value)},
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	for range 3 { // objects with finalizers and in pools need several collections
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func secretsToMake(t *testing.T) int {
	t.Helper()
	text := os.Getenv(secretsVariable)
	if text == "" {
		return defaultSecrets
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// Unreferenced Secrets use little memory in the cache, and changes of one still reach the handlers.
func TestMemoryOfForeignSecrets(t *testing.T) {
	g := NewWithT(t)
	env := testenv.New(t, testenv.Options{})
	config := rest.CopyConfig(env.Config)
	config.QPS = -1
	kube, err := client.New(config, client.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	number := secretsToMake(t)
	makeSecrets(t.Context(), g, kube, number)

	scoped := cacheOf(g, t)
	cached, err := cache.New(env.Config, scoped)
	g.Expect(err).NotTo(HaveOccurred())
	go func() { _ = cached.Start(t.Context()) }()
	synced := func(kind string) cache.Informer {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		informer, err := cached.GetInformer(ctx, lifecycle.MetadataOf(kind))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(toolscache.WaitForCacheSync(ctx.Done(), informer.HasSynced)).To(BeTrue())
		return informer
	}
	synced("ConfigMap") // the caches that every kind needs are synced before
	before := heap()
	secrets := synced(credentials.KindSecret)
	perSecret := (int64(heap()) - int64(before)) / int64(number)
	t.Logf("%d bytes of heap for each of %d Secrets", perSecret, number)
	g.Expect(perSecret).To(BeNumerically("<", foreignSecretLimit))

	versions := make(chan string, 1)
	_, err = secrets.AddEventHandler(toolscache.ResourceEventHandlerFuncs{UpdateFunc: func(_, after any) {
		versions <- after.(*metav1.PartialObjectMetadata).ResourceVersion
	}})
	g.Expect(err).NotTo(HaveOccurred())
	changed := applied("secret-0", "rotated")
	g.Expect(kube.Update(t.Context(), changed)).To(Succeed())
	g.Eventually(versions, patience).Should(Receive(Equal(changed.ResourceVersion)))
}

func makeSecrets(ctx context.Context, g Gomega, kube client.Client, number int) {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range number {
		group.Go(func() error { return kube.Create(ctx, applied(fmt.Sprintf("secret-%d", i), "planted")) })
	}
	g.Expect(group.Wait()).To(Succeed())
}
