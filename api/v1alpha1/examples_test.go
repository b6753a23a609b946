package v1alpha1_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

var _ = Describe("The examples of the documentation", func() {
	DescribeTable("are accepted", func(ctx SpecContext, page string) {
		content, err := os.ReadFile(filepath.Join(docs, page))
		Expect(err).NotTo(HaveOccurred())
		blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```").FindAllStringSubmatch(string(content), -1)
		Expect(blocks).NotTo(BeEmpty())
		for _, block := range blocks {
			admitAll(ctx, block[1])
		}
	},
		Entry(nil, "streamprivatelink.md"),
		Entry(nil, "streamconnection.md"),
		Entry(nil, "privateendpointservice.md"),
	)
})

// admitAll asks the API server whether it would take each document of a manifest.
func admitAll(ctx SpecContext, manifest string) {
	GinkgoHelper()
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		object := &unstructured.Unstructured{}
		Expect(yaml.UnmarshalStrict([]byte(document), &object.Object)).To(Succeed(), document)
		Expect(admit(ctx, object)).To(Succeed(), document)
	}
}
