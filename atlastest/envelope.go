package atlastest

import (
	"fmt"
	"net/http"
	"slices"
)

// apiError is Atlas's error body with the headers that go with it. Its members
// are in Atlas's order.
type apiError struct {
	BadRequest *badRequestDetail `json:"badRequestDetail,omitempty"`
	Detail     string            `json:"detail"`
	Status     int               `json:"error"`
	Code       string            `json:"errorCode,omitempty"`
	Parameters []any             `json:"parameters,omitzero"`
	Reason     string            `json:"reason"`

	header http.Header
	oauth  *oauthError // replaces the body
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

// invalid is the 400 that names fields. The order of fields is fixed, so that
// answers do not differ from try to try.
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
	err := newError(http.StatusBadRequest, "VALIDATION_ERROR",
		fmt.Sprintf("%s: %s", fields[0].Field, fields[0].Description))
	if len(fields) > 1 {
		err.Detail = fmt.Sprintf("%s (and %d more)", err.Detail, len(fields)-1)
	}
	err.BadRequest = &badRequestDetail{Fields: fields}
	return err
}

// refused is the 400 that names no field: the request is well formed and still
// cannot be served.
func refused(format string, args ...any) *apiError {
	return newError(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf(format, args...))
}

func groupNotFound(projectID string) *apiError {
	return newError(http.StatusNotFound, "GROUP_NOT_FOUND",
		fmt.Sprintf("No group with ID %s exists.", projectID), projectID)
}

func workspaceNotFound(projectID, name string) *apiError {
	return newError(http.StatusNotFound, "STREAM_TENANT_NOT_FOUND_FOR_NAME",
		fmt.Sprintf("The stream workspace %s does not exist in project %s.", name, projectID), name, projectID)
}

func connectionNotFound(projectID, workspaceName, name string) *apiError {
	return newError(http.StatusNotFound, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
		fmt.Sprintf("The stream connection %s does not exist in project %s, workspace %s.", name, projectID, workspaceName),
		name, projectID, workspaceName)
}

// linkNotFound carries a code of the simulator's own: Atlas's is not documented,
// clients have to go by the status.
func linkNotFound(projectID, id string) *apiError {
	return newError(http.StatusNotFound, "STREAM_PRIVATE_LINK_NOT_FOUND",
		fmt.Sprintf("No private link connection with ID %s exists in project %s.", id, projectID), id, projectID)
}

// malformedPath is the answer to a path parameter that cannot be one.
func (c *call) malformedPath() *apiError {
	path := c.request.URL.EscapedPath()
	return newError(http.StatusBadRequest, "PATH_PARAM_PARSE_ERROR",
		fmt.Sprintf("A path parameter of %s is malformed.", path), path)
}

func serviceNotFound(projectID, id string) *apiError {
	return newError(http.StatusNotFound, "PRIVATE_ENDPOINT_SERVICE_NOT_FOUND",
		fmt.Sprintf("No private endpoint service with ID %s exists in project %s.", id, projectID), id, projectID)
}
