package lifecycle

import (
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func TestAResourceOfTheProjectInAnotherShardIsFound(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	mine := worldLink("mine")
	mine.Labels = map[string]string{"shard": "a"}
	live := fake.NewClientBuilder().WithScheme(scheme).WithObjects(mine).
		WithIndex(mine, "spec.projectId", func(o client.Object) []string { return []string{o.(Managed).GetManagedSpec().ProjectID} }).Build()
	outsider := func(selector labels.Selector, projectID string) string {
		l := &lifecycle{live: live, options: Options{LabelSelector: selector}, kinds: []*Kind{(&world{}).kind()}, alone: &sync.Map{}}
		name, err := l.outsider(t.Context(), projectID)
		g.Expect(err).NotTo(HaveOccurred())
		return name
	}
	selector := labels.SelectorFromSet(labels.Set{"shard": "a"})
	g.Expect(outsider(selector, testProject)).To(BeEmpty())
	g.Expect(live.Create(t.Context(), worldLink("other"))).To(Succeed())
	g.Expect(outsider(selector, testProject)).To(Equal("shop/other"))
	g.Expect(outsider(nil, testProject)).To(BeEmpty())
	g.Expect(outsider(selector, "ffffffffffffffffffffffff")).To(BeEmpty())
}
