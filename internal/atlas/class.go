package atlas

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// category is what an error means. An error that is not an *Error is of the category other.
type category int

const (
	other category = iota
	rateLimited
	unavailable
	foreign
	unauthorized
	forbidden
	inUse
	deploying
	conflict
	invalid
)

// byCode has Atlas's error codes that are more specific than their status.
var byCode = map[string]category{
	"RATE_LIMITED":  rateLimited,
	codeTokenBucket: rateLimited,
	// A 401 for valid credentials that lack the role or are not in the project or organisation.
	"USER_UNAUTHORIZED":                       forbidden,
	"USER_CANNOT_ACCESS_GROUP":                forbidden,
	"NOT_ORG_GROUP_CREATOR":                   forbidden,
	"STREAM_PRIVATE_LINK_IN_USE":              inUse,
	"STREAM_CONNECTION_HAS_STREAM_PROCESSORS": inUse,
	"STREAM_KAFKA_CONNECTION_IS_DEPLOYING":    deploying,
}

var byStatus = map[int]category{400: invalid, 401: unauthorized, 403: forbidden, 409: conflict}

// byTokenStatus is of the token endpoint, whose 404 is of a wrong base URL.
var byTokenStatus = map[int]category{400: unauthorized, 401: unauthorized, 403: forbidden, 404: foreign}

const codeTokenBucket = "RATE_LIMITED_TOKEN_BUCKET"

// categoryOf classifies by what prevented a response, then by Atlas's errorCode, then by the status.
func categoryOf(err error) category {
	e, ok := AsError(err)
	switch {
	case !ok:
		return other
	case e.Is(errKeptBack):
		return rateLimited
	case e.cause != nil:
		return unavailable
	case e.AtlasBody && byCode[e.Code] != other:
		return byCode[e.Code]
	case e.StatusCode == http.StatusTooManyRequests:
		return rateLimited
	case undecided(e.StatusCode):
		return unavailable
	case !e.AtlasBody:
		return foreign
	case e.token:
		return byTokenStatus[e.StatusCode]
	case strings.Contains(e.Code, "_ALREADY_EXISTS"):
		return conflict
	default:
		return byStatus[e.StatusCode]
	}
}

// undecided reports whether the status leaves open that the request was executed.
func undecided(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status >= 300 && status <= 399
}

// IsRateLimited reports too many calls of the API or of the token endpoint. The call may have been
// held back by the client and not sent.
func IsRateLimited(err error) bool { return categoryOf(err) == rateLimited }

// IsUnavailable reports that there is no usable response of Atlas: none at all, a 5xx or 408, a
// redirect, or an unreadable 2xx.
func IsUnavailable(err error) bool { return categoryOf(err) == unavailable }

// IsForeign reports a 4xx without Atlas's error body. It comes from a proxy or a wrong base URL, as
// does any 404 of the token endpoint, and says nothing about the request, the object or the
// credentials.
func IsForeign(err error) bool { return categoryOf(err) == foreign }

// IsUnauthorized reports that the API or the token endpoint rejected the credentials.
func IsUnauthorized(err error) bool { return categoryOf(err) == unauthorized }

// refusesCredentials reports whether Atlas itself rejected the credentials. A proxy's 401 does not
// count, nor does a 401 for missing permissions.
func refusesCredentials(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && IsUnauthorized(newStatusError(resp))
}

// IsForbidden reports that the credentials are valid but lack a permission, call from a blocked
// address, or cannot get another token. IsInUse is a 403 too, but not IsForbidden.
func IsForbidden(err error) bool { return categoryOf(err) == forbidden }

// IsInUse reports that a private link is used by a connection, or a connection by stream
// processors.
func IsInUse(err error) bool { return categoryOf(err) == inUse }

// IsDeploying reports that the connection cannot be changed until its deployment is complete.
func IsDeploying(err error) bool { return categoryOf(err) == deploying }

// IsConflict reports that the object already exists, or any other 409 that is neither IsDeploying
// nor IsInUse.
func IsConflict(err error) bool { return categoryOf(err) == conflict }

// IsInvalid reports that Atlas rejected the request: any 400 without its own predicate.
func IsInvalid(err error) bool { return categoryOf(err) == invalid }

// HasFieldErrors reports whether an IsInvalid error names the invalid members.
func HasFieldErrors(err error) bool { return len(answerOf(err).Fields) > 0 && IsInvalid(err) }

// answerOf returns the API's response to the call, empty if there is none. A response of the token
// endpoint does not describe the call's object.
func answerOf(err error) *Error {
	if e, ok := AsError(err); ok && !e.token && e.cause == nil {
		return e
	}
	return &Error{}
}

// IsNotFound reports a 404 of Atlas itself, for the object, its workspace or its project.
func IsNotFound(err error) bool {
	e := answerOf(err)
	return e.AtlasBody && e.StatusCode == http.StatusNotFound
}

// IsProjectNotFound reports that the project does not exist or is not visible to these credentials.
func IsProjectNotFound(err error) bool { return answerOf(err).Code == "GROUP_NOT_FOUND" }

// IsWorkspaceNotFound reports that the project has no such stream workspace.
func IsWorkspaceNotFound(err error) bool {
	return answerOf(err).Code == "STREAM_TENANT_NOT_FOUND_FOR_NAME"
}

// IsGone reports that Atlas has withdrawn the call or the API version that this client uses. It
// never refers to an object.
func IsGone(err error) bool {
	e := answerOf(err)
	return e.StatusCode == http.StatusGone || e.Code == "VERSION_GONE"
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

// RetryAfter returns the delay before the next attempt as required by the server or the rate
// limiter, 0 if there is none.
func RetryAfter(err error) time.Duration {
	if e, ok := AsError(err); ok {
		return e.RetryAfter
	}
	return 0
}

// classCut is the class of a connection that was closed during a call.
const classCut = "connection cut"

// Class returns a short, stable description of an error, such as "connection refused", "timeout" or
// "HTTP 429 RATE_LIMITED". Unlike the error's text, it does not vary between attempts. Empty for
// nil.
func Class(err error) string {
	e, ok := AsError(err)
	switch {
	case err == nil:
		return ""
	case !ok:
		return causeClass(err)
	case e.cause != nil:
		return causeClass(e.cause)
	default:
		return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.StatusCode, cut(e.Code, maxCode)))
	}
}

var classes = []struct {
	target error
	class  string
}{
	{errKeptBack, "rate limit, not sent"},
	{errTooLarge, "answer too large"},
	{errNotJSON, "not JSON"},
	{errUnexpectedJSON, "unexpected JSON"},
	{errEndlessPages, "endless list"},
	{errMovingPages, "list keeps changing"},
	{ErrClosed, "client closed"},
	{errNotRepeated, classCut},
	{context.Canceled, "cancelled"},
	{syscall.ECONNREFUSED, "connection refused"},
	{syscall.ECONNRESET, classCut},
	{syscall.EPIPE, classCut},
	{syscall.EHOSTUNREACH, "host unreachable"},
	{syscall.ENETUNREACH, "host unreachable"},
	{net.ErrClosed, classCut},
	{io.EOF, classCut},
	{io.ErrUnexpectedEOF, classCut},
}

func causeClass(err error) string {
	for _, known := range classes {
		if errors.Is(err, known.target) {
			return known.class
		}
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "timeout"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "host not found"
		}
		return "name resolution failed"
	}
	// crypto/tls wraps the errors of crypto/x509 in this one.
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "TLS certificate not trusted"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "TLS handshake failed"
	}
	return "no answer"
}
