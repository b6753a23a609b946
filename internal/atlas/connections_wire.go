package atlas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// networkingMember maps the types whose members have fields to the name of their networking member,
// if they support networking. The members of all other types are in Raw, in any form.
var networkingMember = map[string]string{
	"Sample":                "",
	"Cluster":               "",
	"Https":                 "",
	"SchemaRegistry":        "",
	"Kafka":                 "networking",
	"S3":                    "networking",
	"AWSKinesisDataStreams": "networking",
	"AWSLambda":             "publicPrivateNetworking",
	"AzureBlobStorage":      "publicPrivateNetworking",
	"GCPPubSub":             "publicPrivateNetworking",
}

// object returns the body of a request, with null for the cleared members that have no value.
func (c Connection) object(cleared ...string) (object, error) {
	if c.Name == "" || c.Type == "" {
		return nil, errors.New("a connection needs a name and a type")
	}
	var networking Networking
	if c.Networking != nil {
		networking, c.Networking = *c.Networking, nil
	}
	o := objectOf(c, c.Raw)
	member, known := networkingMember[c.Type]
	if !known {
		member = "networking"
	}
	switch access := networking.Access.Type; {
	case networking == Networking{}:
	case member != "":
		o[member] = objectOf(networking, nil)
	case access != "" && access != "PUBLIC":
		return nil, fmt.Errorf("connections of type %q cannot use %s networking", c.Type, access)
	}
	for _, field := range cleared {
		if err := o.clear(field); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Key returns the name, by which Atlas identifies a connection.
func (c Connection) Key() string { return c.Name }

// UnmarshalJSON reads the values of Config and Headers as text in any form. Of an unknown connection
// type it accepts any form of the members.
func (c *Connection) UnmarshalJSON(data []byte) error {
	var head struct {
		ID, Name, Type, Region, State       text
		Networking, PublicPrivateNetworking json.RawMessage
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("read a connection: %w", err)
	}
	if _, known := networkingMember[string(head.Type)]; known || head.Type == "" {
		return c.unmarshalKnown(data)
	}
	*c = Connection{ID: string(head.ID), Name: string(head.Name), Type: string(head.Type), Region: string(head.Region), State: string(head.State)}
	for _, member := range []json.RawMessage{head.Networking, head.PublicPrivateNetworking} {
		var found Networking
		if c.Networking == nil && json.Unmarshal(member, &found) == nil && found.Access.Type != "" {
			c.Networking = &found
		}
	}
	return rawMembers(data, &c.Raw)
}

func (c *Connection) unmarshalKnown(data []byte) error {
	type plain Connection
	wire := struct {
		*plain

		Config                  map[string]text `json:"config"`
		Headers                 map[string]text `json:"headers"`
		PublicPrivateNetworking *Networking     `json:"publicPrivateNetworking"`
	}{plain: (*plain)(c)}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err //nolint:wrapcheck // decode distinguishes the error types
	}
	c.Config = mapValues(wire.Config, func(t text) string { return string(t) })
	c.Headers = mapValues(wire.Headers, func(t text) Secret { return NewSecret(string(t)) })
	c.Networking = cmp.Or(c.Networking, wire.PublicPrivateNetworking)
	return nil
}

// rawMembers decodes an object without loss; numbers keep their digits.
func rawMembers(data []byte, into *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into) //nolint:wrapcheck // data is valid JSON already
}

func mapValues[V, W any](in map[string]V, convert func(V) W) map[string]W {
	if in == nil {
		return nil
	}
	out := make(map[string]W, len(in))
	for key, value := range in {
		out[key] = convert(value)
	}
	return out
}
