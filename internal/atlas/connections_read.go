package atlas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
)

func (c Connection) identity() string { return c.Name }

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
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	return nil
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
