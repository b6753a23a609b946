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
)

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

func hasStatus(err error, status int) bool {
	e, ok := apiError(err)
	return ok && e.StatusCode == status
}

// IsNotFound: Atlas itself answered 404, be it for the object, its workspace
// or its project.
func IsNotFound(err error) bool {
	e, ok := apiError(err)
	return ok && e.StatusCode == http.StatusNotFound && e.AtlasBody
}

// IsProjectNotFound: there is no such project, or it is hidden from these
// credentials.
func IsProjectNotFound(err error) bool { return hasCode(err, codeGroupNotFound) }

// IsWorkspaceNotFound: there is no such stream workspace in the project.
func IsWorkspaceNotFound(err error) bool { return hasCode(err, codeWorkspaceNotFound) }

// IsForeignNotFound: a 404 that is not Atlas's, of a proxy or at a wrong base
// URL. It says nothing about any object.
func IsForeignNotFound(err error) bool {
	e, ok := AsError(err)
	return ok && e.StatusCode == http.StatusNotFound && (e.token || !e.AtlasBody)
}

// IsConflict: the object exists already, or another 409 than IsDeploying.
func IsConflict(err error) bool {
	if IsDeploying(err) || IsInUse(err) {
		return false
	}
	e, ok := apiError(err)
	return ok && (e.AtlasBody && strings.Contains(e.Code, codeAlreadyExists) || e.StatusCode == http.StatusConflict)
}

// IsInUse: a private link is used by a connection, or a connection by stream
// processors.
func IsInUse(err error) bool { return hasCode(err, codePrivateLinkInUse, codeConnectionProcessors) }

// IsDeploying: the connection cannot be changed until its deployment is done.
func IsDeploying(err error) bool { return hasCode(err, codeDeploying) }

// IsRateLimited: too many calls, of the API or of the token endpoint.
func IsRateLimited(err error) bool {
	e, ok := AsError(err)
	return ok && (e.StatusCode == http.StatusTooManyRequests ||
		e.AtlasBody && (e.Code == codeRateLimited || e.Code == codeTokenBucket))
}

// IsUnauthorized: Atlas does not accept the credentials, for the API or for a
// token.
func IsUnauthorized(err error) bool {
	e, ok := AsError(err)
	if !ok || e.cause != nil {
		return false
	}
	return e.StatusCode == http.StatusUnauthorized || e.token && e.StatusCode == http.StatusBadRequest
}

// IsForbidden: the credentials are accepted and not allowed to do this, from
// here, or to have one more token. Not IsInUse, which is a 403 too.
func IsForbidden(err error) bool {
	e, ok := AsError(err)
	return ok && e.cause == nil && e.StatusCode == http.StatusForbidden && !IsInUse(err)
}

// IsInvalid: Atlas refuses the request as it is.
func IsInvalid(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && !IsInUse(err) && !IsConflict(err) && !IsDeploying(err)
}

// HasFieldErrors: IsInvalid, and Atlas says which members are wrong.
func HasFieldErrors(err error) bool {
	e, ok := apiError(err)
	return ok && len(e.Fields) > 0 && IsInvalid(err)
}

// IsUnavailable: no usable answer of Atlas: none at all, a 5xx or 408, a
// redirect or a proxy's demand, or a success that cannot be read.
func IsUnavailable(err error) bool {
	e, ok := AsError(err)
	if !ok {
		return false
	}
	return e.cause != nil || e.StatusCode == http.StatusProxyAuthRequired || undecided(e.StatusCode)
}

// IsOutcomeUnknown is for writes: Atlas may have done it, or may still do it.
// False after a definite refusal, and when the request certainly never left.
func IsOutcomeUnknown(err error) bool {
	e, ok := AsError(err)
	switch {
	case !ok || e.token:
		return false
	case e.StatusCode == 0:
		return e.sent
	default:
		return e.cause != nil || undecided(e.StatusCode)
	}
}

// undecided are the statuses that leave open whether the request was carried
// out.
func undecided(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status >= 300 && status <= 399
}

// RetryAfter is how long the server asks to wait, 0 when it does not say.
func RetryAfter(err error) time.Duration {
	if e, ok := AsError(err); ok {
		return e.RetryAfter
	}
	return 0
}
