package lifecycle

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Identities share the values of an index.
func TestResourcesOfAnotherIdentityInTheSameBucketAreNotTheSame(t *testing.T) {
	g := NewWithT(t)
	kind := &Kind{
		Keys: func(o Managed) Keys { return Keys{Identity: o.GetNamespace() + "/" + o.GetName()} },
		List: func(context.Context, client.Reader, ...client.ListOption) ([]Managed, error) {
			return []Managed{worldLink("one"), worldLink("other"), worldLink("one")}, nil
		},
	}
	g.Expect(kind.sameIdentity(t.Context(), nil, "shop/one")).To(HaveLen(2))
	g.Expect(kind.sameIdentity(t.Context(), nil, "shop/none")).To(BeEmpty())
}
