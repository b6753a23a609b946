package atlas

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Atlas's error codes that mean more than their status.
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

// forbiddenCodes are those of a 401 to valid credentials that lack the role, or
// are not in the project or organisation.
var forbiddenCodes = []string{"USER_UNAUTHORIZED", "USER_CANNOT_ACCESS_GROUP", "NOT_ORG_GROUP_CREATOR"}

// apiError finds the answer of the API to the call. An answer of the token
// endpoint says nothing about the object that the call was for.
func apiError(err error) (*Error, bool) {
	e, ok := AsError(err)
	return e, ok && !e.token && e.cause == nil
}

func hasCode(err error, codes ...string) bool {
	e, ok := apiError(err)
	return ok && e.AtlasBody && slices.Contains(codes, e.Code)
}

// hasStatus says that Atlas itself answered so.
func hasStatus(err error, status int) bool {
	e, ok := apiError(err)
	return ok && e.AtlasBody && e.StatusCode == status
}

// IsNotFound says that Atlas itself answered 404, be it for the object, its
// workspace or its project.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsProjectNotFound says that there is no such project, or none that these
// credentials may see.
func IsProjectNotFound(err error) bool { return hasCode(err, codeGroupNotFound) }

// IsWorkspaceNotFound says that the project has no such stream workspace.
func IsWorkspaceNotFound(err error) bool { return hasCode(err, codeWorkspaceNotFound) }

// IsForeign says that a 4xx lacks the error body of Atlas, so that it is not
// Atlas's word on the request, the object or the credentials: it comes from a
// proxy or from a wrong base URL, as does any 404 of the token endpoint.
func IsForeign(err error) bool {
	e, ok := AsError(err)
	if !ok || e.cause != nil || e.StatusCode < 400 || IsUnavailable(e) || IsRateLimited(e) {
		return false
	}
	return !e.AtlasBody || e.token && e.StatusCode == http.StatusNotFound
}

// IsGone says that the call itself is no more: Atlas has withdrawn it, or the
// version of it that this client was written against. It is never said of an
// object.
func IsGone(err error) bool {
	e, ok := apiError(err)
	return ok && e.StatusCode == http.StatusGone || hasCode(err, codeVersionGone)
}

// IsConflict says that the object exists already, or stands for another 409
// than those of IsDeploying and IsInUse.
func IsConflict(err error) bool {
	if IsDeploying(err) || IsInUse(err) {
		return false
	}
	e, ok := apiError(err)
	return ok && e.AtlasBody && (strings.Contains(e.Code, codeAlreadyExists) || e.StatusCode == http.StatusConflict)
}

// IsInUse says that a private link is used by a connection, or a connection by
// stream processors.
func IsInUse(err error) bool { return hasCode(err, codePrivateLinkInUse, codeConnectionProcessors) }

// IsDeploying says that the connection cannot be changed until its deployment
// is done.
func IsDeploying(err error) bool { return hasCode(err, codeDeploying) }

// IsRateLimited says that there were too many calls, of the API or of the token
// endpoint, or that there would have been: then the call was not sent.
func IsRateLimited(err error) bool {
	e, ok := AsError(err)
	return ok && (e.keptBack || e.StatusCode == http.StatusTooManyRequests ||
		e.AtlasBody && (e.Code == codeRateLimited || e.Code == codeTokenBucket))
}

// IsUnauthorized says that Atlas does not accept the credentials, for the API
// or for a token.
func IsUnauthorized(err error) bool {
	e, ok := AsError(err)
	if !ok || !e.AtlasBody || slices.Contains(forbiddenCodes, e.Code) {
		return false
	}
	return e.StatusCode == http.StatusUnauthorized || e.token && e.StatusCode == http.StatusBadRequest
}

// IsForbidden says that the credentials are accepted, but may not do this, not
// from here, or not have one more token. IsInUse is a 403 too and not this.
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

// IsInvalid says that Atlas refuses the request as it is: any 400 without a
// predicate of its own.
func IsInvalid(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && !IsInUse(err) && !IsConflict(err) && !IsDeploying(err)
}

// HasFieldErrors says that an IsInvalid error names the members that are wrong.
func HasFieldErrors(err error) bool {
	e, ok := apiError(err)
	return ok && len(e.Fields) > 0 && IsInvalid(err)
}

// IsUnavailable says that there is no usable answer of Atlas: none at all, a
// 5xx or 408, a redirect, or a success that cannot be read.
func IsUnavailable(err error) bool {
	e, ok := AsError(err)
	if !ok || e.keptBack {
		return false
	}
	return e.cause != nil || undecided(e.StatusCode)
}

// IsOutcomeUnknown says of a failed write that Atlas may have done it, or may
// do it yet. It is false after a definite refusal, and when the request
// certainly never left. A refusal without Atlas's error body is not definite:
// it may stand in the place of Atlas's answer.
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

// undecided are the statuses that leave open whether the request was carried
// out.
func undecided(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status >= 300 && status <= 399
}

// RetryAfter is how long to wait before the next try, as the server or the rate
// limiter says, 0 when neither does.
func RetryAfter(err error) time.Duration {
	if e, ok := AsError(err); ok {
		return e.RetryAfter
	}
	return 0
}
