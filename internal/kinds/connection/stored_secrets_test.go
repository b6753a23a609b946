package connection

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
)

// noon is when the tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// storedSecrets is a cluster with Secrets.
type storedSecrets struct {
	t    *testing.T
	kube client.Client
	puts int
}

func newStoredSecrets(t *testing.T) *storedSecrets {
	t.Helper()
	return &storedSecrets{t: t, kube: fake.NewClientBuilder().Build()}
}

// store is that of a new process, which reads values from live.
func (s *storedSecrets) store(live client.Reader) *credentials.Store {
	return credentials.NewStore(&credentials.Reader{Cached: s.kube, Live: live}, atlas.Options{Timeout: 30 * time.Second}, credentials.Defaults{}, clock.RealClock{}, 0)
}

// put replaces a Secret. The API server gives each new object another UID.
func (s *storedSecrets) put(name types.NamespacedName, values map[string]string) {
	s.t.Helper()
	s.puts++
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name, UID: types.UID(fmt.Sprint(s.puts))},
		Data:       map[string][]byte{},
	}
	for key, value := range values {
		secret.Data[key] = []byte(value)
	}
	if err := client.IgnoreNotFound(s.kube.Delete(s.t.Context(), secret.DeepCopy())); err != nil {
		s.t.Fatal(err)
	}
	if err := s.kube.Create(s.t.Context(), secret); err != nil {
		s.t.Fatal(err)
	}
}

// readCounter counts reads.
type readCounter struct {
	client.Reader
	reads int
}

func (r *readCounter) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	r.reads++
	return r.Reader.Get(ctx, key, object, opts...)
}
