package atlastest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

type kind int

const (
	kindString kind = iota
	kindStrings
	kindStringMap
	kindObject
	kindAny
)

// member describes one member of a JSON object. Whether it is required depends on provider, vendor or type and is
// checked elsewhere. The zero value is an optional string.
type member struct {
	kind     kind
	members  schema   // of an object
	enum     []string // of a string, case-sensitive
	pattern  *regexp.Regexp
	max      int  // items of a list
	readOnly bool // accepted in requests and ignored
	secret   bool // never returned
	inClear  bool // returned, but redacted in logs
}

type schema map[string]member

// looseSchema accepts any object. Secrets are recognized by name.
func looseSchema(object map[string]any) schema {
	members := schema{}
	for name, value := range object {
		m := member{kind: kindAny, secret: isSecretName(name)}
		if nested, ok := value.(map[string]any); ok {
			m = member{kind: kindObject, members: looseSchema(nested), secret: m.secret}
		}
		members[name] = m
	}
	return members
}

// check validates an object's members; path is their prefix. null is always valid: its meaning depends on the
// operation.
func (s schema) check(path string, object map[string]any) []FieldError {
	var bad []FieldError
	for name, value := range object {
		m, known := s[name]
		switch {
		case !known:
			bad = append(bad, FieldError{path + name, "is not a known field"})
		case value != nil && !m.readOnly:
			bad = append(bad, m.check(path+name, value)...)
		}
	}
	return bad
}

func (m member) check(path string, value any) []FieldError {
	switch m.kind {
	case kindString:
		return m.checkString(path, value)
	case kindStrings:
		return m.checkStrings(path, value)
	case kindStringMap:
		return checkStringMap(path, value)
	case kindObject:
		object, ok := value.(map[string]any)
		if !ok {
			return []FieldError{{path, "must be an object"}}
		}
		return m.members.check(path+".", object)
	case kindAny:
	}
	return nil
}

func (m member) checkString(path string, value any) []FieldError {
	s, ok := value.(string)
	switch {
	case !ok:
		return []FieldError{{path, "must be a string"}}
	case len(m.enum) > 0 && !slices.Contains(m.enum, s):
		return []FieldError{{path, fmt.Sprintf("must be one of %v", m.enum)}}
	case m.pattern != nil && !m.pattern.MatchString(s):
		return []FieldError{{path, fmt.Sprintf("must match %s", m.pattern)}}
	}
	return nil
}

func (m member) checkStrings(path string, value any) []FieldError {
	list, ok := value.([]any)
	if !ok {
		return []FieldError{{path, "must be a list of strings"}}
	}
	if m.max > 0 && len(list) > m.max {
		return []FieldError{{path, fmt.Sprintf("must have at most %d items", m.max)}}
	}
	seen := map[string]bool{}
	for _, item := range list {
		s, ok := item.(string)
		switch {
		case !ok:
			return []FieldError{{path, "must be a list of strings"}}
		case m.max > 0 && seen[s]:
			return []FieldError{{path, "must have unique items"}}
		case m.pattern != nil && !m.pattern.MatchString(s):
			return []FieldError{{path, fmt.Sprintf("must have items that match %s", m.pattern)}}
		}
		seen[s] = true
	}
	return nil
}

func checkStringMap(path string, value any) []FieldError {
	object, ok := value.(map[string]any)
	if !ok {
		return []FieldError{{path, "must be an object of strings"}}
	}
	for key, item := range object {
		if _, ok := item.(string); !ok {
			return []FieldError{{path + "." + key, "must be a string"}}
		}
	}
	return nil
}

// withoutReadOnly drops read-only members.
func (s schema) withoutReadOnly(object map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range object {
		if !s[name].readOnly {
			out[name] = value
		}
	}
	return out
}

// public copies an object without its secrets and nulls.
func (s schema) public(object map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range object {
		m := s[name]
		nested, isObject := value.(map[string]any)
		switch {
		case m.secret || value == nil:
		case isObject && m.kind == kindObject:
			out[name] = m.members.public(nested)
		default:
			out[name] = value
		}
	}
	return out
}

// merge applies a PATCH: absent members stay, null clears, objects are merged member by member, and everything else,
// including maps and lists, is replaced.
func (s schema) merge(stored, patch map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, stored)
	for name, value := range patch {
		m := s[name]
		nested, isObject := value.(map[string]any)
		switch {
		case m.readOnly:
		case value == nil:
			delete(out, name)
		case isObject && m.kind == kindObject:
			out[name] = m.members.merge(child(stored, name), nested)
		default:
			out[name] = value
		}
	}
	return out
}

// collectSecrets collects the secret strings of an object by their path.
func collectSecrets(into map[string]string, path string, s schema, object map[string]any) {
	for name, value := range object {
		m := s[name]
		switch v := value.(type) {
		case string:
			if m.secret {
				into[path+name] = v
			}
		case map[string]any:
			if m.kind == kindObject {
				collectSecrets(into, path+name+".", m.members, v)
			} else if m.inClear {
				for key := range v {
					into[path+name+"."+key] = text(v, key)
				}
			}
		}
	}
}
