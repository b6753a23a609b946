package v1alpha1_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// limit is what the schema, apart from CEL, demands of one field. What is zero is not demanded.
type limit struct {
	// of is the valid object that has the field.
	of string
	// at is the field's path in the spec: a[] is any item of the list a, a.* any value of the map a.
	at       string
	required bool
	// min and max are lengths of text, oneOf the values that there are.
	min, max int
	oneOf    []string
	// pattern is what text has to match, and bad a value that does not.
	pattern, bad string
	// start and end are how a value begins and ends that is to be right in all but its length.
	start, end string
	// item is a valid item of the list of objects that the field is in. Its items differ in their path.
	item                             string
	minItems, maxItems, maxMapValues int
}

// keywords are the demands in the words of the schema, "path keyword" each.
func (l limit) keywords() []string {
	var found []string
	for _, k := range []struct {
		keyword string
		there   bool
	}{
		{"required", l.required}, {"minLength", l.min > 0}, {"maxLength", l.max > 0}, {"enum", l.oneOf != nil},
		{"pattern", l.pattern != ""}, {"minItems", l.minItems > 0}, {"maxItems", l.maxItems > 0},
		{"maxProperties", l.maxMapValues > 0},
	} {
		if k.there {
			found = append(found, l.at+" "+k.keyword)
		}
	}
	return found
}

// builder makes an object from the name of a valid one and fragments of YAML.
type builder func(valid string, fragments ...string) *unstructured.Unstructured

// describeLimits makes a spec of every demand of every limit: one object that just meets it, one that just does not.
func describeLimits(build builder, limits []limit) {
	for _, l := range limits {
		with := func(value any) *unstructured.Unstructured { return build(l.of, fragmentAt(l.at, l.item, value)) }
		refusesBy := func(refusal gomegatypes.GomegaMatcher, what string, value any) {
			It(fmt.Sprintf("%s: refuses %s", l.at, what), func(ctx SpecContext) {
				Expect(admit(ctx, with(value))).To(beRefusedAlso(refusal))
			})
		}
		refuses := func(what string, value any, message string) {
			refusesBy(cause(fieldOf(l.at), message), what, value)
		}
		accepts := func(what string, value any) {
			It(fmt.Sprintf("%s: accepts %s", l.at, what), func(ctx SpecContext) {
				Expect(admit(ctx, with(value))).To(Succeed())
			})
		}
		if l.required {
			refuses("that it is missing", nil, "Required value")
		}
		if l.oneOf != nil {
			refuses("another value", "bogus", `supported values: "`+strings.Join(l.oneOf, `", "`)+`"`)
		}
		if l.pattern != "" {
			refuses("a value of another form", l.bad, "should match '"+l.pattern+"'")
		}
		if l.min > 0 {
			refuses("too short a value", text("", "", l.min-1), fmt.Sprintf("should be at least %d chars long", l.min))
		}
		if l.max > 0 {
			accepts("the longest value", text(l.start, l.end, l.max))
			refusesBy(tooLong(fieldOf(l.at), l.max), "too long a value", text(l.start, l.end, l.max+1))
		}
		if l.minItems > 0 {
			refuses("too few items", l.items(l.minItems-1), fmt.Sprintf("should have at least %d items", l.minItems))
		}
		if l.maxItems > 0 {
			accepts("the most items", l.items(l.maxItems))
			refuses("too many items", l.items(l.maxItems+1), fmt.Sprintf("must have at most %d items", l.maxItems))
		}
		if l.maxMapValues > 0 {
			accepts("the most entries", entries(l.maxMapValues))
			refuses("too many entries", entries(l.maxMapValues+1), fmt.Sprintf("must have at most %d items", l.maxMapValues))
		}
	}
}

// fragmentAt is a fragment of a spec that sets one field, in item where that is in a list of objects; nil removes it.
func fragmentAt(at, item string, value any) string {
	GinkgoHelper()
	steps := strings.Split(at, ".")
	for _, step := range slices.Backward(steps) {
		name, inList := strings.CutSuffix(step, "[]")
		switch {
		case name == "*":
			name = "key"
		case inList && item != "":
			value = []any{merged(item, value)}
		case inList:
			value = []any{value}
		}
		value = map[string]any{name: value}
	}
	fragment, err := json.Marshal(value)
	Expect(err).NotTo(HaveOccurred())
	return string(fragment)
}

// fieldOf is the path that the API server reports for fragmentAt.
func fieldOf(at string) string {
	return "spec." + strings.NewReplacer("[]", "[0]", "*", "key").Replace(at)
}

// tooLong matches the refusal of a text; API servers before 1.32 put it in other words.
func tooLong(field string, longest int) gomegatypes.GomegaMatcher {
	return Or(cause(field, fmt.Sprintf("Too long: may not be more than %d bytes", longest)),
		cause(field, fmt.Sprintf("Too long: may not be longer than %d", longest)))
}

// text is a value of that many characters.
func text(start, end string, length int) string {
	return start + strings.Repeat("a", length-len(start)-len(end)) + end
}

// items are that many different items.
func (l limit) items(count int) []any {
	GinkgoHelper()
	items := make([]any, 0, count)
	for i := range count {
		name := fmt.Sprintf("%sitem-%d", l.start, i)
		if l.item == "" {
			items = append(items, name)
			continue
		}
		items = append(items, merged(l.item, map[string]any{"path": name}))
	}
	return items
}

// merged is an object in YAML, changed by a merge patch.
func merged(object string, change any) map[string]any {
	GinkgoHelper()
	before, err := yaml.YAMLToJSONStrict([]byte(object))
	Expect(err).NotTo(HaveOccurred())
	patch, err := json.Marshal(change)
	Expect(err).NotTo(HaveOccurred())
	after, err := jsonpatch.MergePatch(before, patch)
	Expect(err).NotTo(HaveOccurred())
	result := map[string]any{}
	Expect(json.Unmarshal(after, &result)).To(Succeed())
	return result
}

func entries(count int) map[string]any {
	found := map[string]any{}
	for i := range count {
		found[fmt.Sprintf("key-%d", i)] = "value"
	}
	return found
}
