// Package raw reads and compares the field raw of specs.
package raw

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

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

// Differences are the paths at which Atlas holds something else than raw; at is the path of both objects. What raw does
// not give is no difference, nor is what Atlas leaves out if absentIsEqual. Values at the paths of secret are not
// compared. An object that is empty but for secrets says nothing; one that Atlas lacks differs by its members.
func Differences(at string, want, have map[string]any, absentIsEqual bool, secret ...string) []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		path := at + "." + name
		found, present := have[name]
		inner, isObject := want[name].(map[string]any)
		switch foundInner, ok := found.(map[string]any); {
		case slices.Contains(secret, path):
		case !present && (absentIsEqual || want[name] == nil):
		case isObject && (ok || !present && len(inner) > 0):
			paths = append(paths, Differences(path, inner, foundInner, absentIsEqual, secret...)...)
		case !sameRaw(want[name], found):
			paths = append(paths, path)
		}
	}
	return paths
}

// sameRaw compares two values: objects by the members of the first, numbers by their value.
func sameRaw(want, have any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		return ok && len(Differences("", w, h, false)) == 0
	case []any:
		h, ok := have.([]any)
		return ok && slices.EqualFunc(w, h, sameRaw)
	case json.Number:
		h, ok := have.(json.Number)
		wanted, _ := w.Float64()
		found, _ := h.Float64()
		return ok && wanted == found
	default:
		return want == have
	}
}
