package lifecycle

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// oneBucket reads a list of links, whatever the options.
type oneBucket struct {
	client.Reader
	names []string
}

func (b oneBucket) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	for _, name := range b.names {
		links := list.(*v1alpha1.StreamPrivateLinkList)
		links.Items = append(links.Items, *worldLink(name))
	}
	return nil
}

// Identities share the values of an index.
func TestResourcesOfAnotherIdentityInTheSameBucketAreNotTheSame(t *testing.T) {
	g := NewWithT(t)
	kind := (&world{}).kind()
	kind.Keys = func(o Managed) Keys { return Keys{Identity: o.GetNamespace() + "/" + o.GetName()} }
	bucket := oneBucket{names: []string{"one", "other", "one"}}
	g.Expect(kind.sameIdentity(t.Context(), bucket, "shop/one")).To(HaveLen(2))
	g.Expect(kind.sameIdentity(t.Context(), bucket, "shop/none")).To(BeEmpty())
}
