package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/atlasstreams/operator/config/crd"
)

type object = map[string]any

// description is what editors show of a value.
const description = "description"

// sections are the maps of resources in the values, by kind.
var sections = map[string]string{
	"StreamPrivateLink":      "links",
	"StreamConnection":       "connections",
	"PrivateEndpointService": "privateEndpointServices",
}

// defaultable are the members of a spec that all resources may share.
var defaultable = []string{
	"projectId", "credentialsRef", "workspaceName",
	"managementPolicy", "deletionPolicy", "driftPolicy", "adoptionPolicy", "adoptionSecrets",
}

// writeSchema makes the schema of the values of the chart of resources. An entry takes the members of the kind's spec,
// of which none is required: the templates look for what is missing after the defaults, and say it in more words.
func writeSchema(path string) error {
	definitions, err := crd.All()
	if err != nil {
		return fmt.Errorf("read the resource definitions: %w", err)
	}
	properties := object{
		"global":            object{description: "Settings that a parent chart shares with all its charts; not used.", "type": "object"},
		"enabled":           object{description: "For the condition of a parent chart; not used.", "type": "boolean"},
		"commonLabels":      stringMap("Labels of every resource."),
		"commonAnnotations": stringMap("Annotations of every resource."),
	}
	defaults := object{}
	for _, definition := range definitions {
		kind := definition.Spec.Names.Kind
		spec, err := specSchema(definition)
		if err != nil {
			return fmt.Errorf("read the schema of %s: %w", kind, err)
		}
		members := spec["properties"].(object)
		for _, name := range defaultable {
			if member, ok := members[name]; ok {
				defaults[name] = orEmpty(member.(object))
			}
		}
		properties[sections[kind]] = section(kind, spec)
	}
	properties["defaults"] = closed("Members of the spec of every resource that does not set them itself.", defaults)
	schema := closed("Values of the chart atlas-streams.", properties)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return fmt.Errorf("write the schema: %w", err)
	}
	return write(path, append(data, '\n'))
}

// section is the schema of all resources of a kind, by their names. null takes out what an earlier values file set. The
// names are checked by a template: Helm reports a wrong one of propertyNames in a section that it is not in.
func section(kind string, spec object) object {
	members := maps.Clone(spec["properties"].(object))
	credentials := maps.Clone(members["credentialsRef"].(object))
	delete(credentials, "required") // no name asks for the operator's default credentials, whatever the defaults are
	members["credentialsRef"] = credentials
	members["enabled"] = object{description: "false leaves the resource out.", "type": "boolean"}
	members["labels"] = stringMap("Labels of the resource.")
	members["annotations"] = stringMap("Annotations of the resource.")
	entry := closed("", members)
	nullable(entry)
	return object{
		description:            fmt.Sprintf("%s resources by name: the members of their spec.", kind),
		"type":                 "object",
		"additionalProperties": entry,
	}
}

// specSchema is the schema of a kind's spec as plain JSON Schema.
func specSchema(definition *apiextensionsv1.CustomResourceDefinition) (object, error) {
	props := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	data, err := json.Marshal(props)
	if err != nil {
		return nil, err
	}
	spec := object{}
	if err := json.Unmarshal(data, &spec); err != nil {
		return nil, err
	}
	plain(spec)
	return spec, nil
}

// plain drops what only Kubernetes knows, and refuses members that the API server would drop without a word.
func plain(schema object) {
	for key, value := range schema {
		switch {
		case key == "x-kubernetes-int-or-string": // a rule of the CRD refuses integers
			delete(schema, key)
			schema["type"] = "string"
		case strings.HasPrefix(key, "x-kubernetes-"), key == "default", key == "format":
			delete(schema, key)
		case key == "properties":
			for _, member := range value.(object) {
				plain(member.(object))
				nullable(member.(object))
			}
			schema["additionalProperties"] = false
		case key == "items", key == "additionalProperties":
			if nested, ok := value.(object); ok {
				plain(nested)
			}
		}
	}
}

// nullable also takes null.
func nullable(schema object) {
	if kind, ok := schema["type"].(string); ok {
		schema["type"] = []any{kind, "null"}
	}
	if values, ok := schema["enum"].([]any); ok {
		schema["enum"] = append(values, nil)
	}
}

// orEmpty also takes the empty string, or no members: nothing by default.
func orEmpty(schema object) object {
	empty := object{"enum": []any{"", nil}}
	if _, ok := schema["properties"]; ok {
		empty = object{"type": []any{"object", "null"}, "maxProperties": 0}
	}
	return object{description: schema[description], "anyOf": []any{empty, schema}}
}

func closed(text string, properties object) object {
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if text != "" {
		schema[description] = text
	}
	return schema
}

func stringMap(text string) object {
	return object{description: text, "type": "object", "additionalProperties": object{"type": "string"}}
}
