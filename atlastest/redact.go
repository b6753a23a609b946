package atlastest

import (
	"encoding/json"
	"fmt"
	"strings"
)

const redacted = "[REDACTED]"

// redactBody redacts a body for logs. It uses names and not the schema, because a misspelt or misplaced secret is
// still a secret.
func redactBody(op Operation, raw []byte) string {
	switch {
	case len(raw) == 0:
		return ""
	case op == OpToken || op == OpRevoke:
		return redacted
	}
	object, err := decodeObject(raw)
	if err != nil {
		return fmt.Sprintf("(%d bytes that are not a JSON object)", len(raw))
	}
	redactObject(object, false)
	data, err := json.Marshal(object)
	if err != nil {
		return redacted
	}
	return string(data)
}

func redactObject(object map[string]any, everything bool) {
	for name, value := range object {
		switch v := value.(type) {
		case map[string]any:
			redactObject(v, everything || isSecretName(name) || name == "headers")
		case nil:
		default:
			if everything || isSecretName(name) {
				object[name] = redacted
			}
		}
	}
}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"pass", "secret", "sslkey", "privatekey"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
