package atlastest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// apiError is Atlas's error body and its headers. Its members are in Atlas's order.
type apiError struct {
	BadRequest *badRequestDetail `json:"badRequestDetail,omitempty"`
	Detail     string            `json:"detail"`
	Status     int               `json:"error"`
	Code       string            `json:"errorCode,omitempty"`
	Parameters []any             `json:"parameters,omitzero"`
	Reason     string            `json:"reason"`

	header    http.Header
	oauth     *oauthError // replaces the body
	challenge bool        // returned before any API check
}

type badRequestDetail struct {
	Fields []FieldError `json:"fields"`
}

func newError(status int, code, detail string, parameters ...any) *apiError {
	if parameters == nil && code != "" {
		parameters = []any{}
	}
	return &apiError{
		Status:     status,
		Code:       code,
		Reason:     http.StatusText(status),
		Detail:     detail,
		Parameters: parameters,
		header:     http.Header{},
	}
}

// invalid returns a 400 about fields. Atlas names them only in a text. Their order is fixed, so that responses are
// stable.
func invalid(fields ...FieldError) *apiError {
	slices.SortStableFunc(fields, func(a, b FieldError) int {
		switch {
		case a.Field < b.Field:
			return -1
		case a.Field > b.Field:
			return 1
		}
		return 0
	})
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = f.Field + " " + f.Description
		if known, ok := knownTexts[f.Field]; ok {
			texts[i] = known
		}
	}
	return refused("%s", strings.Join(texts, "; "))
}

// knownTexts are texts that Atlas is known to return.
var knownTexts = map[string]string{
	"bootstrapServers": "Invalid bootstrapServers",
	"url":              "Invalid url",
}

// refused returns the 400 for a well-formed request that cannot be served. Its only parameter is the reason.
func refused(format string, args ...any) *apiError {
	reason := strings.TrimSuffix(fmt.Sprintf(format, args...), ".")
	return newError(http.StatusBadRequest, "VALIDATION_ERROR",
		"The request content produced the validation error: "+reason+".", reason)
}

func groupNotFound(projectID string) *apiError {
	return newError(http.StatusNotFound, "GROUP_NOT_FOUND",
		fmt.Sprintf("No group with ID %s exists.", projectID), projectID)
}

func workspaceNotFound(projectID, name string) *apiError {
	return newError(http.StatusNotFound, "STREAM_TENANT_NOT_FOUND_FOR_NAME",
		fmt.Sprintf("Stream instance for project %s and name %s not found.", projectID, name), projectID, name)
}

func connectionNotFound(projectID, workspaceName, name string) *apiError {
	return newError(http.StatusNotFound, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
		fmt.Sprintf("Stream connection with name %s for project %s and name %s not found.", name, projectID, workspaceName),
		name, projectID, workspaceName)
}

// linkNotFound has a code of the simulator. Atlas's code is undocumented; clients must use the status.
func linkNotFound(projectID, id string) *apiError {
	return newError(http.StatusNotFound, "STREAM_PRIVATE_LINK_NOT_FOUND",
		fmt.Sprintf("No private link connection with ID %s exists in project %s.", id, projectID), id, projectID)
}

// malformedPath returns the error for an invalid path parameter.
func (c *call) malformedPath() *apiError {
	path := c.request.URL.EscapedPath()
	return newError(http.StatusBadRequest, "PATH_PARAM_PARSE_ERROR",
		fmt.Sprintf("A path parameter of %s is malformed.", path), path)
}

func serviceNotFound(projectID, id string) *apiError {
	return newError(http.StatusNotFound, "PRIVATE_ENDPOINT_SERVICE_NOT_FOUND",
		fmt.Sprintf("No private endpoint service with ID %s exists in project %s.", id, projectID), id, projectID)
}
