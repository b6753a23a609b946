package atlas

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// object is a JSON object to be sent to Atlas. Only encode reveals a Secret in it. Values are Secrets,
// objects, and those of encoding/json, in maps and slices of any type.
type object map[string]any

// objectOf returns the members of a struct with json tags, and those of raw without a field. It omits
// zero values and empty objects, and empty lists that are tagged omitempty.
func objectOf(request any, raw map[string]any) object {
	o := object{}
	maps.Copy(o, raw)
	for field, value := range reflect.ValueOf(request).Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || value.IsZero() || options == "omitempty" && value.Len() == 0 {
			continue
		}
		value = reflect.Indirect(value)
		if value.Kind() != reflect.Struct || value.Type() == reflect.TypeFor[Secret]() {
			o[name] = value.Interface()
		} else if child := objectOf(value.Interface(), nil); len(child) > 0 {
			o[name] = child
		}
	}
	return o
}

// clear sets the member at a dotted path to null unless it has a value.
func (o object) clear(dotted string) error {
	names := strings.Split(dotted, ".")
	if slices.Contains(names, "") {
		return fmt.Errorf("%q names no member to clear", dotted)
	}
	member := names[len(names)-1]
	for _, name := range names[:len(names)-1] {
		if _, ok := o[name]; !ok {
			o[name] = object{}
		}
		inner, ok := o[name].(object)
		if !ok {
			return fmt.Errorf("cannot clear %q: %q has no members", dotted, name)
		}
		o = inner
	}
	if _, ok := o[member]; !ok {
		o[member] = nil
	}
	return nil
}

// encode returns the JSON text with secrets in clear, and the list of these secrets.
func (o object) encode() ([]byte, []Secret, error) {
	w := &revealer{}
	plain := w.value("", o)
	if len(w.invalid) > 0 {
		// The encoder would insert a replacement character, so that Atlas would store a different
		// password.
		return nil, nil, fmt.Errorf("the value of %q is not UTF-8 text", slices.Min(w.invalid))
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
	invalid []string // dotted paths of the values that are not UTF-8
}

func (w *revealer) value(at string, value any) any {
	switch v := value.(type) {
	case Secret:
		w.secrets = append(w.secrets, v)
		return w.text(at, v.Reveal())
	case string:
		return w.text(at, v)
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Map:
		plain := make(map[string]any, v.Len())
		for key, member := range v.Seq2() {
			name := w.text(at, key.String())
			plain[name] = w.value(strings.TrimPrefix(at+"."+name, "."), member.Interface())
		}
		return plain
	case reflect.Slice:
		plain := make([]any, 0, v.Len())
		for _, item := range v.Seq2() {
			plain = append(plain, w.value(at, item.Interface()))
		}
		return plain
	default:
		return value
	}
}

func (w *revealer) text(at, value string) string {
	if !utf8.ValidString(value) {
		w.invalid = append(w.invalid, at)
	}
	return value
}
