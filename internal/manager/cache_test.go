package manager

import (
	"reflect"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/config/crd"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

func cacheOf(g Gomega, t *testing.T, args ...string) cache.Options {
	t.Helper()
	o, err := parse(t, args...)
	g.Expect(err).NotTo(HaveOccurred())
	return o.cache()
}

// cachedAs returns the options of each kind that has its own.
func cachedAs(scope cache.Options) map[string]cache.ByObject {
	kinds := map[string]cache.ByObject{}
	for object, by := range scope.ByObject {
		name := reflect.TypeOf(object).Elem().Name()
		if metadata, ok := object.(*metav1.PartialObjectMetadata); ok {
			name = "metadata of " + metadata.Kind
		}
		kinds[name] = by
	}
	return kinds
}

const (
	secretMetadata    = "metadata of Secret"
	configMapMetadata = "metadata of ConfigMap"
)

func TestCacheScope(t *testing.T) {
	t.Run("everything", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, t)
		g.Expect(scope.DefaultNamespaces).To(BeEmpty())
		g.Expect(cachedAs(scope)).To(And(HaveLen(2), HaveKey(secretMetadata), HaveKey(configMapMetadata)))
	})
	t.Run("namespaces", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, t, "--watch-namespaces=shop,stock")
		g.Expect(scope.DefaultNamespaces).To(And(HaveLen(2), HaveKey("shop"), HaveKey("stock")))
		for _, by := range cachedAs(scope) {
			g.Expect(by.Namespaces).To(BeNil(), "the defaults")
		}
	})
	t.Run("the Secret of the default credentials is seen from outside the namespaces", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, t, "--watch-namespaces=shop", "--default-credentials=ops/atlas")
		g.Expect(scope.DefaultNamespaces).To(And(HaveLen(1), HaveKey("shop")))
		kinds := cachedAs(scope)
		g.Expect(kinds[secretMetadata].Namespaces).To(And(HaveLen(2), HaveKey("shop"), HaveKey("ops")))
		g.Expect(kinds[configMapMetadata].Namespaces).To(BeNil())
	})
}

// The label selector applies to each kind that has a CRD, and to nothing else.
func TestLabelSelectorAppliesToEveryKindOfThisProject(t *testing.T) {
	g := NewWithT(t)
	scope := cacheOf(g, t, "--watch-label-selector=shard=a")
	g.Expect(scope.DefaultLabelSelector).To(BeNil())
	var selected []string
	for kind, by := range cachedAs(scope) {
		if by.Label != nil {
			g.Expect(by.Label.String()).To(Equal("shard=a"), kind)
			selected = append(selected, kind)
		}
	}
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	kinds := make([]string, len(definitions))
	for i, definition := range definitions {
		kinds[i] = definition.Spec.Names.Kind
	}
	g.Expect(selected).To(ConsistOf(kinds), "the kinds of the CRDs")
}

// foreignSecret is the metadata of a Secret that was applied with kubectl, which stores its values in an annotation.
func foreignSecret(name string) *metav1.PartialObjectMetadata {
	secret := lifecycle.MetadataOf(credentials.KindSecret)
	secret.ObjectMeta = metav1.ObjectMeta{
		Namespace: "shop", Name: name, UID: "3b9b1f0e-6a52-4a5e-9c4e-6f1f3a1f0001", ResourceVersion: "123456",
		Generation: 1, CreationTimestamp: metav1.NewTime(time.Unix(1, 0)), Finalizers: []string{"example.com/kept"},
		Labels:          map[string]string{"app": "shop"},
		Annotations:     map[string]string{"kubectl.kubernetes.io/last-applied-configuration": strings.Repeat("planted", 1024)},
		OwnerReferences: []metav1.OwnerReference{{Kind: "Deployment", Name: "shop"}},
		ManagedFields:   []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
	}
	return secret
}

func TestOnlyTheIdentityOfSecretsAndConfigMapsIsCached(t *testing.T) {
	for _, args := range [][]string{nil, {"--watch-namespaces=shop"}, {"--watch-namespaces=shop", "--default-credentials=ops/atlas"}} {
		g := NewWithT(t)
		kinds := cachedAs(cacheOf(g, t, args...))
		for _, kind := range []string{secretMetadata, configMapMetadata} {
			g.Expect(kinds[kind].Transform).NotTo(BeNil(), "%s with %v", kind, args)
			secret := foreignSecret("db")
			kept, err := kinds[kind].Transform(secret)
			g.Expect(err).NotTo(HaveOccurred())
			want := &metav1.PartialObjectMetadata{TypeMeta: secret.TypeMeta}
			want.Namespace, want.Name, want.UID, want.ResourceVersion = secret.Namespace, secret.Name, secret.UID, secret.ResourceVersion
			g.Expect(kept).To(Equal(want))
			g.Expect(kinds[kind].Transform(kept)).To(Equal(want), "a second time: the same object may pass again")
		}
	}
}

// Other objects, such as the tombstone of a missed deletion, are unchanged.
func TestCacheTransformLeavesOtherObjects(t *testing.T) {
	g := NewWithT(t)
	var other client.Object = &v1alpha1.StreamConnection{}
	g.Expect(keepIdentity(other)).To(BeIdenticalTo(other))
}
