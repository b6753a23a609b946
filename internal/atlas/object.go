package atlas

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// object is a JSON object to be sent to Atlas. Only encode reveals a Secret in it. Values are
// string, Secret, []string, map[string]string, map[string]Secret, object, or nil for null.
type object map[string]any

func (o object) text(member, value string) {
	if value != "" {
		o[member] = value
	}
}

func (o object) secret(member string, value Secret) {
	if !value.IsZero() {
		o[member] = value
	}
}

func (o object) list(member string, values []string) {
	if len(values) > 0 {
		o[member] = values
	}
}

func (o object) child(member string, value object) {
	if len(value) > 0 {
		o[member] = value
	}
}

// clear sets the member at a dotted path to null unless it has a value.
func (o object) clear(dotted string) error {
	head, rest, nested := strings.Cut(dotted, ".")
	if head == "" {
		return fmt.Errorf("%q names no member to clear", dotted)
	}
	if !nested {
		if _, ok := o[head]; !ok {
			o[head] = nil
		}
		return nil
	}
	if _, ok := o[head]; !ok {
		o[head] = object{}
	}
	inner, ok := o[head].(object)
	if !ok {
		return fmt.Errorf("cannot clear %q: %q has no members", dotted, head)
	}
	return inner.clear(rest)
}

// encode returns the JSON text with secrets in clear, and the list of these secrets.
func (o object) encode() ([]byte, []Secret, error) {
	w := &revealer{}
	plain := w.object("", o)
	if w.invalid != "" {
		// The encoder would insert a replacement character, so that Atlas would store a different
		// password.
		return nil, nil, fmt.Errorf("the value of %q is not UTF-8 text", w.invalid)
	}
	body, err := json.Marshal(plain)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the request: %w", err)
	}
	return body, w.secrets, nil
}

// revealer copies an object with its secrets in clear.
type revealer struct {
	secrets []Secret
	invalid string // dotted path of a value that is not UTF-8
}

func (w *revealer) object(at string, o object) map[string]any {
	plain := make(map[string]any, len(o))
	for member, value := range o {
		plain[member] = w.value(strings.TrimPrefix(at+"."+member, "."), value)
	}
	return plain
}

func (w *revealer) value(at string, value any) any {
	switch v := value.(type) {
	case object:
		return w.object(at, v)
	case Secret:
		w.secrets = append(w.secrets, v)
		return w.text(at, v.Reveal())
	case string:
		return w.text(at, v)
	case []string:
		for _, item := range v {
			w.text(at, item)
		}
		return v
	case map[string]string:
		return revealMap(w, at, v)
	case map[string]Secret:
		return revealMap(w, at, v)
	default:
		return w.rawValue(at, v)
	}
}

func (w *revealer) text(at, value string) string {
	if !utf8.ValidString(value) {
		w.invalid = at
	}
	return value
}

func revealMap[V any](w *revealer, at string, values map[string]V) map[string]any {
	plain := make(map[string]any, len(values))
	for key, value := range values {
		plain[w.text(at, key)] = w.value(at+"."+key, value)
	}
	return plain
}
