package atlastest

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
)

// validConnection validates the body of a POST and returns the fields to store.
func (c *call) validConnection(body map[string]any) (map[string]any, *apiError) {
	typ := text(body, "type")
	if !acceptsType(typ) {
		return nil, invalid(FieldError{"type", fmt.Sprintf("must be one of %v", typeNames())})
	}
	members := connectionSchema(typ, body)
	body = withoutEmptyHeaders(members, body)
	bad := members.check("", body)
	switch name := text(body, "name"); {
	case name == "":
		bad = append(bad, FieldError{"name", "is required"})
	case !connectionName.MatchString(name):
		bad = append(bad, FieldError{"name", "must consist of letters, digits and the characters . - * _"})
	}
	bad = append(bad, missing(body, typeOf(typ).required)...)
	if len(bad) > 0 {
		return nil, invalid(bad...)
	}
	fields := members.merge(nil, members.withoutReadOnly(body))
	return fields, c.checkNetworking(typ, fields)
}

// withoutEmptyHeaders drops empty headers from types without headers. Terraform sends them, and Atlas ignores them.
func withoutEmptyHeaders(members schema, body map[string]any) map[string]any {
	_, known := members["headers"]
	if headers, ok := body["headers"].(map[string]any); known || !ok || len(headers) > 0 {
		return body
	}
	body = maps.Clone(body)
	delete(body, "headers")
	return body
}

// missing returns the required paths that an object lacks.
func missing(body map[string]any, required []string) []FieldError {
	var bad []FieldError
	for _, path := range required {
		object, name := body, path
		if parent, leaf, nested := strings.Cut(path, "."); nested {
			object, name = child(body, parent), leaf
		}
		list, isList := object[name].([]any)
		if !has(object, name) || isList && len(list) == 0 {
			bad = append(bad, FieldError{path, "is required"})
		}
	}
	return bad
}

func (c *call) checkNetworking(typ string, fields map[string]any) *apiError {
	key := typeOf(typ).networkKey
	access := accessOf(fields, key)
	switch id := text(access, "connectionId"); {
	case access == nil:
		return nil
	case text(access, "type") == "":
		return invalid(FieldError{key + ".access.type", "is required"})
	case text(access, "type") != netPrivateLink:
		if id != "" {
			return invalid(FieldError{key + ".access.connectionId", "is for " + netPrivateLink + " only"})
		}
		return nil
	case id == "":
		return invalid(FieldError{key + ".access.connectionId", "is required for " + netPrivateLink})
	default:
		l := c.project.linksByID[id]
		if l == nil || l.states.gone(c.now) {
			return invalid(FieldError{key + ".access.connectionId",
				fmt.Sprintf("is not a private link connection of project %s", c.projectID)})
		}
		return nil
	}
}

func updateConnection(s *Server, c *call) (int, any, *apiError) {
	conn := c.findConnection()
	if conn == nil {
		return 0, nil, c.connectionNotFound()
	}
	if isDeleting(conn.states.at(c.now)) {
		return 0, nil, refused("The stream connection %s is being deleted.", conn.name)
	}
	if err := c.inUseByProcessors(); err != nil {
		return 0, nil, err
	}
	fields, err := conn.patched(c.object)
	if err != nil {
		return 0, nil, err
	}
	conn.past = remember(conn.past, conn.fields, c.now)
	conn.fields = fields
	c.changed(&conn.acts, &s.ledger.Connections)
	answer := conn.answer(c.now)
	delete(answer, "state") // Atlas omits it in this response
	return http.StatusOK, answer, nil
}

// patched returns the fields with a PATCH applied.
func (c *connection) patched(patch map[string]any) (map[string]any, *apiError) {
	if bad := missing(patch, []string{"name", "type"}); len(bad) > 0 {
		return nil, invalid(bad...)
	}
	members := connectionSchema(c.typ, c.fields, patch)
	patch = withoutEmptyHeaders(members, patch)
	bad := members.check("", patch)
	for _, name := range []string{"name", "type"} {
		if patch[name] != c.fields[name] {
			bad = append(bad, FieldError{name, "cannot be changed"})
		}
	}
	if has(patch, "region") && workspaceRegion(text(patch, "region")) != c.fields["region"] {
		bad = append(bad, FieldError{"region", "cannot be changed"})
	}
	if len(bad) > 0 {
		return nil, invalid(bad...)
	}
	if err := c.checkSameNetworking(patch); err != nil {
		return nil, err
	}
	key := typeOf(c.typ).networkKey
	fields := members.merge(c.fields, patch)
	fields["region"] = c.fields["region"]
	if key != "" {
		fields[key] = c.fields[key]
	}
	if bad := missing(fields, typeOf(c.typ).required); len(bad) > 0 {
		return nil, invalid(bad...)
	}
	return cloneObject(fields), nil
}

// checkSameNetworking rejects any change of the access, including connectionId. Current values are accepted, and null
// for PUBLIC.
func (c *connection) checkSameNetworking(patch map[string]any) *apiError {
	key := typeOf(c.typ).networkKey
	if _, sent := patch[key]; !sent || key == "" {
		return nil
	}
	wanted := networking.members["access"].members.public(accessOf(patch, key))
	if len(wanted) == 0 {
		wanted = map[string]any{"type": netPublic}
	}
	delete(wanted, "links")
	if reflect.DeepEqual(wanted, accessOf(c.fields, key)) {
		return nil
	}
	return newError(http.StatusBadRequest, "STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED",
		"Stream networking access type cannot be modified.", c.name, c.workspace)
}
