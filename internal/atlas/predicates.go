package atlas

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Atlas's error codes that are more specific than their status.
const (
	codeGroupNotFound        = "GROUP_NOT_FOUND"
	codeWorkspaceNotFound    = "STREAM_TENANT_NOT_FOUND_FOR_NAME"
	codePrivateLinkInUse     = "STREAM_PRIVATE_LINK_IN_USE"
	codeConnectionProcessors = "STREAM_CONNECTION_HAS_STREAM_PROCESSORS"
	codeDeploying            = "STREAM_KAFKA_CONNECTION_IS_DEPLOYING"
	codeAlreadyExists        = "_ALREADY_EXISTS"
	codeRateLimited          = "RATE_LIMITED"
	codeTokenBucket          = "RATE_LIMITED_TOKEN_BUCKET"
	codeVersionGone          = "VERSION_GONE"
)

// forbiddenCodes are returned with a 401 for valid credentials that lack the role or are not in the
// project or organisation.
var forbiddenCodes = []string{"USER_UNAUTHORIZED", "USER_CANNOT_ACCESS_GROUP", "NOT_ORG_GROUP_CREATOR"}

// apiError finds the API's response to the call. A response of the token endpoint does not describe
// the call's object.
func apiError(err error) (*Error, bool) {
	e, ok := AsError(err)
	return e, ok && !e.token && e.cause == nil
}

func hasCode(err error, codes ...string) bool {
	e, ok := apiError(err)
	return ok && e.AtlasBody && slices.Contains(codes, e.Code)
}

// hasStatus reports whether Atlas itself returned the status.
func hasStatus(err error, status int) bool {
	e, ok := apiError(err)
	return ok && e.AtlasBody && e.StatusCode == status
}

// IsNotFound reports a 404 of Atlas itself, for the object, its workspace or its project.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsProjectNotFound reports that the project does not exist or is not visible to these credentials.
func IsProjectNotFound(err error) bool { return hasCode(err, codeGroupNotFound) }

// IsWorkspaceNotFound reports that the project has no such stream workspace.
func IsWorkspaceNotFound(err error) bool { return hasCode(err, codeWorkspaceNotFound) }

// IsForeign reports a 4xx without Atlas's error body. It comes from a proxy or a wrong base URL, as
// does any 404 of the token endpoint, and says nothing about the request, the object or the
// credentials.
func IsForeign(err error) bool {
	e, ok := AsError(err)
	if !ok || e.cause != nil || e.StatusCode < 400 || IsUnavailable(e) || IsRateLimited(e) {
		return false
	}
	return !e.AtlasBody || e.token && e.StatusCode == http.StatusNotFound
}

// IsGone reports that Atlas has withdrawn the call or the API version that this client uses. It
// never refers to an object.
func IsGone(err error) bool {
	e, ok := apiError(err)
	return ok && e.StatusCode == http.StatusGone || hasCode(err, codeVersionGone)
}

// IsConflict reports that the object already exists, or any other 409 that is neither IsDeploying
// nor IsInUse.
func IsConflict(err error) bool {
	if IsDeploying(err) || IsInUse(err) {
		return false
	}
	e, ok := apiError(err)
	return ok && e.AtlasBody && (strings.Contains(e.Code, codeAlreadyExists) || e.StatusCode == http.StatusConflict)
}

// IsInUse reports that a private link is used by a connection, or a connection by stream
// processors.
func IsInUse(err error) bool { return hasCode(err, codePrivateLinkInUse, codeConnectionProcessors) }

// IsDeploying reports that the connection cannot be changed until its deployment is complete.
func IsDeploying(err error) bool { return hasCode(err, codeDeploying) }

// IsRateLimited reports too many calls of the API or of the token endpoint. The call may have been
// held back by the client and not sent.
func IsRateLimited(err error) bool {
	e, ok := AsError(err)
	return ok && (e.keptBack || e.StatusCode == http.StatusTooManyRequests ||
		e.AtlasBody && (e.Code == codeRateLimited || e.Code == codeTokenBucket))
}

// IsUnauthorized reports that the API or the token endpoint rejected the credentials.
func IsUnauthorized(err error) bool {
	e, ok := AsError(err)
	if !ok || !e.AtlasBody || slices.Contains(forbiddenCodes, e.Code) {
		return false
	}
	return e.StatusCode == http.StatusUnauthorized || e.token && e.StatusCode == http.StatusBadRequest
}

// refusesCredentials reports whether Atlas itself rejected the credentials. A proxy's 401 does not
// count, nor does a 401 for missing permissions.
func refusesCredentials(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && IsUnauthorized(newStatusError(resp))
}

// IsForbidden reports that the credentials are valid but lack a permission, call from a blocked
// address, or cannot get another token. IsInUse is a 403 too, but not IsForbidden.
func IsForbidden(err error) bool {
	e, ok := AsError(err)
	switch {
	case !ok || !e.AtlasBody || IsInUse(err):
		return false
	case e.StatusCode == http.StatusUnauthorized:
		return slices.Contains(forbiddenCodes, e.Code)
	default:
		return e.StatusCode == http.StatusForbidden
	}
}

// IsInvalid reports that Atlas rejected the request: any 400 without its own predicate.
func IsInvalid(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && !IsInUse(err) && !IsConflict(err) && !IsDeploying(err)
}

// HasFieldErrors reports whether an IsInvalid error names the invalid members.
func HasFieldErrors(err error) bool {
	e, ok := apiError(err)
	return ok && len(e.Fields) > 0 && IsInvalid(err)
}

// IsUnavailable reports that there is no usable response of Atlas: none at all, a 5xx or 408, a
// redirect, or an unreadable 2xx.
func IsUnavailable(err error) bool {
	e, ok := AsError(err)
	if !ok || e.keptBack {
		return false
	}
	return e.cause != nil || undecided(e.StatusCode)
}

// IsOutcomeUnknown reports that Atlas may have executed a failed write, or may still do so. It is
// false after a definite rejection, and if the request was certainly not sent. A rejection without
// Atlas's error body is not definite, because a proxy may have replaced Atlas's response.
func IsOutcomeUnknown(err error) bool {
	e, ok := AsError(err)
	switch {
	case !ok || e.token:
		return false
	case e.StatusCode == 0:
		return e.sent
	default:
		return !e.AtlasBody || undecided(e.StatusCode)
	}
}

// undecided reports whether the status leaves open that the request was executed.
func undecided(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status >= 300 && status <= 399
}

// RetryAfter returns the delay before the next attempt as required by the server or the rate
// limiter, 0 if there is none.
func RetryAfter(err error) time.Duration {
	if e, ok := AsError(err); ok {
		return e.RetryAfter
	}
	return 0
}
