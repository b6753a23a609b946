// Package raw reads and compares the field raw of specs.
package raw

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// Of returns the members of raw, without those that have a field. Numbers keep their digits.
func Of(raw *runtime.RawExtension, fields []string) map[string]any {
	if raw == nil || len(raw.Raw) == 0 {
		return nil
	}
	members := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(raw.Raw))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil // the API server stores valid objects only
	}
	maps.DeleteFunc(members, func(name string, _ any) bool { return slices.Contains(fields, name) })
	return members
}

// Comparison lists paths at which Atlas holds something else than raw. What raw does not give is no difference.
type Comparison struct {
	// Secret are the paths whose values come from Secrets: they are not compared.
	Secret []string
	// AbsentIsEqual: a member that Atlas leaves out is unknown and not different.
	AbsentIsEqual bool
	Paths         []string
}

// Members compares the members of two objects. At is the path of the objects. An object that is empty but for secrets
// says nothing; one that Atlas lacks differs by its members.
func (c *Comparison) Members(at string, want, have map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		path := strings.TrimPrefix(at+"."+name, ".")
		if slices.Contains(c.Secret, path) {
			continue
		}
		found, present := have[name]
		inner, isObject := want[name].(map[string]any)
		switch foundInner, ok := found.(map[string]any); {
		case !present && (c.AbsentIsEqual || want[name] == nil):
		case isObject && (ok || !present && len(inner) > 0):
			c.Members(path, inner, foundInner)
		case !sameRaw(want[name], found):
			c.Paths = append(c.Paths, path)
		}
	}
}

// sameRaw compares two values: objects by the members of the first, numbers by their value.
func sameRaw(want, have any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		c := &Comparison{}
		c.Members("", w, h)
		return ok && len(c.Paths) == 0
	case []any:
		h, ok := have.([]any)
		return ok && slices.EqualFunc(w, h, sameRaw)
	default:
		return Canonical(want) == Canonical(have)
	}
}

// Canonical gives numbers of one value one spelling. Members of objects are sorted when they are encoded.
func Canonical(value any) any {
	switch v := value.(type) {
	case map[string]any:
		canonical := make(map[string]any, len(v))
		for name, member := range v {
			canonical[name] = Canonical(member)
		}
		return canonical
	case []any:
		canonical := make([]any, 0, len(v))
		for _, item := range v {
			canonical = append(canonical, Canonical(item))
		}
		return canonical
	case json.Number:
		if number, err := v.Float64(); err == nil {
			return number
		}
		return v
	default:
		return v
	}
}
