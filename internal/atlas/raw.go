package atlas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// knownTypes and knownVendors have fields of their own for their members. The members of all others
// are in Raw, in any form.
var (
	knownTypes = []string{
		"Sample", "Cluster", "Kafka", "Https", "AWSLambda", "S3", "AWSKinesisDataStreams", "SchemaRegistry", "AzureBlobStorage", "GCPPubSub",
	}
	knownVendors = []string{"", "GENERIC", "MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "EVENTHUB", "AZURE_BLOB_STORAGE", "PUBSUB"}
)

// raw adds members without a field. Fields take precedence over members of the same name.
func (o object) raw(members map[string]any) {
	for member, value := range members {
		if _, taken := o[member]; !taken {
			o[member] = value
		}
	}
}

// UnmarshalJSON accepts any form of the members of an unknown connection type.
func (w *connectionWire) UnmarshalJSON(data []byte) error {
	type plain connectionWire
	var head struct {
		ID     text `json:"id"`
		Name   text `json:"name"`
		Type   text `json:"type"`
		Region text `json:"region"`
		State  text `json:"state"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("read a connection: %w", err)
	}
	if head.Type == "" || slices.Contains(knownTypes, string(head.Type)) {
		return json.Unmarshal(data, (*plain)(w)) //nolint:wrapcheck // decode distinguishes the error types
	}
	*w = connectionWire{ID: string(head.ID), Name: string(head.Name), Type: string(head.Type), Region: string(head.Region), State: string(head.State)}
	w.Networking = looseNetworking(data)
	return rawMembers(data, &w.Raw)
}

// looseNetworking decodes the networking of an unknown connection type if it has the usual form.
func looseNetworking(data []byte) *networkingWire {
	for _, member := range []string{memberNetworking, "publicPrivateNetworking"} {
		var members map[string]json.RawMessage
		var found networkingWire
		if json.Unmarshal(data, &members) == nil && json.Unmarshal(members[member], &found) == nil && found.Access.Type != "" {
			return &found
		}
	}
	return nil
}

// UnmarshalJSON decodes a private link, with all members if its vendor is unknown.
func (w *privateLinkWire) UnmarshalJSON(data []byte) error {
	type plain privateLinkWire
	if err := json.Unmarshal(data, (*plain)(w)); err != nil || slices.Contains(knownVendors, strings.ToUpper(w.Vendor)) {
		return err //nolint:wrapcheck // decode distinguishes the error types
	}
	return rawMembers(data, &w.Raw)
}

// rawMembers decodes an object without loss; numbers keep their digits.
func rawMembers(data []byte, into *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	return nil
}

// rawValue copies a value of Raw with its secrets in clear.
func (w *revealer) rawValue(at string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		plain := make(map[string]any, len(v))
		for _, member := range slices.Sorted(maps.Keys(v)) {
			plain[w.text(at, member)] = w.value(at+"."+member, v[member])
		}
		return plain
	case []any:
		plain := make([]any, 0, len(v))
		for _, item := range v {
			plain = append(plain, w.value(at, item))
		}
		return plain
	default:
		return v
	}
}
