package lifecycle

import (
	"sync"
	"testing"
	"time"

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

// What a POST of ours made is found and deleted, whoever has come to the project since.
func TestAResourceInAnotherShardDoesNotKeepADeletion(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = func(call string, done bool) error {
		if call == "create" && done {
			return errUnavailable
		}
		return nil
	}
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
	w.restart()
	w.shared.options.LabelSelector, w.shared.kinds = labels.SelectorFromSet(labels.Set{"shard": "a"}), []*Kind{w.kind()}
	w.shared.live = oneBucket{Reader: w.kube, names: []string{"other"}}
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	w.settleFor(time.Hour)
	g.Expect(w.link()).To(BeNil())
	g.Expect(w.objects).To(BeEmpty())
}
