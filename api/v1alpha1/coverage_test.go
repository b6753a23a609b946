package v1alpha1_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/atlasstreams/operator/config/crd"
)

// changeMessages are the messages of rules that compare an object with what it was; the specs about changes try them.
var changeMessages = map[string][]string{
	"StreamPrivateLink":      append(slices.Clone(frozenMessages()), projectChanged, dnsDomainChanged, importIDChanged),
	"StreamConnection":       {projectChanged, workspaceChanged, typeChanged, regionChanged, nameChanged, noName},
	"PrivateEndpointService": {serviceProjectChanged},
}

func frozenMessages() []string {
	var messages []string
	for _, field := range frozenFields {
		messages = append(messages, "spec."+field.name+frozenMessage)
	}
	slices.Sort(messages)
	return slices.Compact(messages)
}

// TestEveryRuleIsTried: a rule or limit that no case of the tables is about would be a promise that nobody keeps.
func TestEveryRuleIsTried(t *testing.T) {
	limits := map[string][]limit{"StreamPrivateLink": linkLimits, "StreamConnection": connectionLimits, "PrivateEndpointService": serviceLimits}
	rules := map[string][]rule{"StreamPrivateLink": linkRules, "StreamConnection": connectionRules, "PrivateEndpointService": serviceRulesOfSpec}
	definitions, err := crd.All()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for _, definition := range definitions {
		kind := definition.Spec.Names.Kind
		t.Run(kind, func(t *testing.T) {
			g := NewWithT(t)
			var triedLimits []string
			for _, l := range limits[kind] {
				triedLimits = append(triedLimits, l.keywords()...)
			}
			triedRules := slices.Clone(changeMessages[kind])
			for _, r := range rules[kind] {
				g.Expect(r.refused).NotTo(BeEmpty(), r.message)
				g.Expect(r.accepted).NotTo(BeEmpty(), r.message)
				triedRules = append(triedRules, r.message)
			}
			found := &demands{}
			root := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
			for _, validation := range root.XValidations {
				found.rules = append(found.rules, validation.Message)
			}
			found.collect("", root.Properties["spec"])
			g.Expect(triedLimits).To(ConsistOf(found.limits))
			g.Expect(triedRules).To(ConsistOf(found.rules))
		})
	}
}

// demands are what a schema asks of objects.
type demands struct {
	// limits are "path keyword" each, rules the messages of CEL rules.
	limits, rules []string
}

func (d *demands) collect(at string, schema apiextensionsv1.JSONSchemaProps) {
	for _, validation := range schema.XValidations {
		d.rules = append(d.rules, validation.Message)
	}
	demand := func(keyword string, there bool) {
		if there {
			d.limits = append(d.limits, at+" "+keyword)
		}
	}
	demand("enum", schema.Enum != nil)
	demand("pattern", schema.Pattern != "")
	demand("minLength", schema.MinLength != nil)
	demand("maxLength", schema.MaxLength != nil)
	demand("minItems", schema.MinItems != nil)
	demand("maxItems", schema.MaxItems != nil)
	demand("minProperties", schema.MinProperties != nil)
	demand("maxProperties", schema.MaxProperties != nil)
	demand("minimum", schema.Minimum != nil)
	demand("maximum", schema.Maximum != nil)
	demand("uniqueItems", schema.UniqueItems)
	for _, name := range schema.Required {
		d.limits = append(d.limits, strings.TrimPrefix(at+"."+name, ".")+" required")
	}
	for name, property := range schema.Properties {
		d.collect(strings.TrimPrefix(at+"."+name, "."), property)
	}
	if schema.Items != nil {
		d.collect(at+"[]", *schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil {
		d.collect(at+".*", *schema.AdditionalProperties.Schema)
	}
}
