package v1alpha1_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/config/crd"
)

// largestCRD in bytes of JSON: kubectl apply keeps a copy of the manifest in an annotation, and annotations end at
// 256 KiB.
const largestCRD = 250 << 10

func TestShippedCRDs(t *testing.T) {
	g := NewWithT(t)
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(definitions).To(ConsistOf(HaveField("Spec.Names.Kind", "StreamPrivateLink"),
		HaveField("Spec.Names.Kind", "StreamConnection"), HaveField("Spec.Names.Kind", "PrivateEndpointService")))
	for _, definition := range definitions {
		t.Run(definition.Spec.Names.Kind, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(definition.Spec.Group).To(Equal(v1alpha1.GroupVersion.Group))
			g.Expect(definition.Spec.Scope).To(Equal(apiextensionsv1.NamespaceScoped))
			g.Expect(definition.Spec.Versions).To(HaveLen(1))
			version := definition.Spec.Versions[0]
			g.Expect(version.Name).To(Equal(v1alpha1.GroupVersion.Version))
			g.Expect(version.Subresources.Status).NotTo(BeNil())
			content, err := json.Marshal(definition)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(len(content)).To(BeNumerically("<", largestCRD))
			g.Expect(undescribed("", *version.Schema.OpenAPIV3Schema)).To(BeEmpty(), "fields that kubectl explain says nothing about")
		})
	}
}

// undescribed are the paths of fields without a description.
func undescribed(at string, schema apiextensionsv1.JSONSchemaProps) []string {
	var found []string
	for name, property := range schema.Properties {
		path := at + "." + name
		// The API server describes metadata by itself.
		if strings.TrimSpace(property.Description) == "" && path != ".metadata" {
			found = append(found, path)
		}
		found = append(found, undescribed(path, property)...)
	}
	if schema.Items != nil {
		found = append(found, undescribed(at+"[]", *schema.Items.Schema)...)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		found = append(found, undescribed(at+".*", *schema.AdditionalProperties.Schema)...)
	}
	return found
}

// TestRootRulesCannotWedge: a rule at the root is judged at every write, also of metadata and status, and would keep
// the finalizer on an object that it refuses. So it may only judge changes, or creation.
func TestRootRulesCannotWedge(t *testing.T) {
	g := NewWithT(t)
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		for _, validation := range definition.Spec.Versions[0].Schema.OpenAPIV3Schema.XValidations {
			if optional := validation.OptionalOldSelf; optional != nil && *optional {
				g.Expect(validation.Rule).To(HavePrefix("oldSelf.hasValue() || "), validation.Message)
				continue
			}
			// What is unchanged passes whatever the status says.
			g.Expect(validation.Rule).To(MatchRegexp(`^\(?(has\()?\(?self\.spec\.\w+.* == .*oldSelf\.spec\.`), validation.Message)
		}
	}
}

// TestSpecRulesPassTheUnchanged: the API server lets an object that is unchanged break a new rule, but where it holds
// members of no schema (raw) it calls every object changed. Such an object could never lose its finalizer.
func TestSpecRulesPassTheUnchanged(t *testing.T) {
	g := NewWithT(t)
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		spec := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
		if _, has := spec.Properties["raw"]; !has {
			continue
		}
		for _, validation := range spec.XValidations {
			if optional := validation.OptionalOldSelf; optional == nil || !*optional {
				g.Expect(validation.Rule).To(MatchRegexp(`== oldSelf\.`), "a rule about a change: %s", validation.Message)
				continue
			}
			g.Expect(validation.Rule).To(HaveSuffix(" || oldSelf == optional.of(self)"), validation.Message)
		}
	}
}

// TestMessagesNameTheFix: every message of ours says what is wrong and, after a colon, what to do.
func TestMessagesNameTheFix(t *testing.T) {
	g := NewWithT(t)
	definitions, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		found := &demands{}
		found.collect("", *definition.Spec.Versions[0].Schema.OpenAPIV3Schema)
		g.Expect(found.rules).NotTo(BeEmpty())
		for _, message := range found.rules {
			if message == noSampleName {
				continue // names the member to add by itself
			}
			g.Expect(message).To(MatchRegexp(`^[^:]+: [a-z]`))
		}
	}
}
