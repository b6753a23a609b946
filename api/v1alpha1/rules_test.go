package v1alpha1_test

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// rule is a CEL rule that judges an object by itself.
type rule struct {
	// field and message are what a refusal says.
	field, message string
	refused        []sample
	// accepted are the ways out that the message names.
	accepted []sample
}

// sample is a valid object and a fragment of its spec.
type sample struct{ of, fragment string }

func describeRules(build builder, rules []rule) {
	for _, r := range rules {
		Describe(r.message, func() {
			for i, s := range r.refused {
				It(fmt.Sprintf("refuses %d: %s with %s", i, s.of, s.fragment), func(ctx SpecContext) {
					Expect(admit(ctx, build(s.of, s.fragment))).To(beRefused(cause(r.field, r.message)))
				})
			}
			for i, s := range r.accepted {
				It(fmt.Sprintf("accepts %d: %s with %s", i, s.of, s.fragment), func(ctx SpecContext) {
					Expect(admit(ctx, build(s.of, s.fragment))).To(Succeed())
				})
			}
		})
	}
}

// sorted are the keys in an order that is the same in every process: specs are told apart by it.
func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// everyKey makes a table entry of each key.
func everyKey(of map[string]string) []TableEntry {
	entries := make([]TableEntry, 0, len(of))
	for _, key := range sorted(of) {
		entries = append(entries, Entry(key, key))
	}
	return entries
}
