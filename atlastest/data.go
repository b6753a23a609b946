package atlastest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
)

// decodeObject parses exactly one JSON object, with numbers as json.Number.
func decodeObject(data []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("decoding a JSON object: %w", err)
	}
	if object == nil {
		return nil, fmt.Errorf("decoding a JSON object: found null")
	}
	if dec.Decode(new(any)) != io.EOF {
		return nil, fmt.Errorf("decoding a JSON object: data follows it")
	}
	return object, nil
}

// cloneObject deep-copies an object and converts Go maps, slices and structs to their JSON form. It panics on values
// that cannot be encoded.
func cloneObject(object map[string]any) map[string]any {
	data, err := json.Marshal(object)
	if err != nil {
		panic(fmt.Sprintf("atlastest: fields must be JSON values: %v", err))
	}
	if object == nil {
		return map[string]any{}
	}
	clone, err := decodeObject(data)
	if err != nil {
		panic(fmt.Sprintf("atlastest: %v", err))
	}
	return clone
}

// text returns a string member, else "".
func text(object map[string]any, name string) string {
	value, _ := object[name].(string)
	return value
}

// child returns an object member, else nil.
func child(object map[string]any, name string) map[string]any {
	value, _ := object[name].(map[string]any)
	return value
}

// texts returns the strings of a list member.
func texts(object map[string]any, name string) []string {
	list, _ := object[name].([]any)
	var out []string
	for _, item := range list {
		if value, ok := item.(string); ok {
			out = append(out, value)
		}
	}
	return out
}

// has reports whether a member is present and neither null nor empty.
func has(object map[string]any, name string) bool {
	value, ok := object[name]
	return ok && value != nil && value != ""
}

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
