package atlas

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is a failed call of Atlas or of its token endpoint.
type Error struct {
	// StatusCode is the HTTP status, 0 without a response. A 2xx means that the response was
	// unusable.
	StatusCode int
	// Code is Atlas's errorCode, or the OAuth error of the token endpoint.
	Code   string
	Detail string
	Reason string
	// Fields lists the members of the request that Atlas rejected.
	Fields []FieldError
	Method string
	// Operation is the name of the Client method, or "FetchToken".
	Operation string
	// URL has no query.
	URL string
	// RetryAfter is the delay before the next attempt as required by Atlas or the client's rate
	// limiter, 0 if unknown.
	RetryAfter time.Duration
	// AtlasBody reports whether Atlas itself responded rather than a proxy: the body is JSON with
	// an errorCode, or with the numeric status in error and a reason. The token endpoint may return
	// an OAuth error instead.
	AtlasBody bool

	contentType string
	token       bool   // the token endpoint failed and the call itself was not sent
	sent        bool   // no response, but the request may have been sent
	cause       error  // why there is no response, or no usable one
	causeText   string // the cause, without secrets
}

// FieldError is Atlas's error for one member of a request.
type FieldError struct{ Field, Description string }

// AsError finds an *Error in a chain of errors.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

const (
	maxDetail = 1000 // bytes of Atlas's text in the error message
	maxCause  = 300
	maxCode   = 100
)

// Error contains operation, status, errorCode and Atlas's detail; the last two are cut at 100 and
// 1,000 bytes. If the response is not from Atlas, only its content type is included.
func (e *Error) Error() string {
	switch {
	case e.Is(errKeptBack):
		return e.Operation + ": not sent, to keep within Atlas's rate limit"
	case e.StatusCode == 0:
		return fmt.Sprintf("%s: no answer (%s): %s", e.Operation, Class(e), e.causeText)
	case e.cause != nil:
		return fmt.Sprintf("%s: HTTP %d with an answer that cannot be used (%s)", e.Operation, e.StatusCode, Class(e))
	}
	s := e.Operation + ": HTTP " + strconv.Itoa(e.StatusCode)
	if e.Code != "" {
		s += " " + cut(e.Code, maxCode)
	}
	if detail := cmp.Or(e.Detail, e.Reason); detail != "" {
		s += ": " + cut(detail, maxDetail)
	}
	if !e.AtlasBody {
		s += " (the answer, of content type " + strconv.Quote(cut(e.contentType, 100)) + ", is not one of Atlas's errors)"
	}
	return s
}

// GoString equals Error, because %#v must not print the cause.
func (e *Error) GoString() string { return e.Error() }

// Is matches the reason for the missing response, such as context.DeadlineExceeded. There is no
// Unwrap, because the cause's text may contain request data.
func (e *Error) Is(target error) bool { return errors.Is(e.cause, target) }

// errorBody covers the error bodies of the API and of the token endpoint.
type errorBody struct {
	ErrorCode        text   `json:"errorCode"`
	Detail           text   `json:"detail"`
	Reason           text   `json:"reason"`
	Parameters       []text `json:"parameters"`
	BadRequestDetail struct {
		Fields []struct {
			Field       text `json:"field"`
			Description text `json:"description"`
		} `json:"fields"`
	} `json:"badRequestDetail"`
	// Error is the numeric status or an OAuth error code.
	Error            json.RawMessage `json:"error"`
	OAuthDescription text            `json:"error_description"`
}

// newStatusError returns the error for a response whose status is not 2xx. answerReader holds the
// body in memory.
func newStatusError(resp *http.Response) *Error {
	e := newAnswerError(resp)
	var b errorBody
	// Keep the other members if one has an undocumented type.
	if err := decode(bodyOf(resp), &b); err == nil || errors.Is(err, errUnexpectedJSON) {
		e.fill(b, &exchangeOf(resp.Request).redact)
	}
	e.RetryAfter = retryAfter(resp.Header, e.Code, b.Parameters, time.Now())
	return e
}

func (e *Error) fill(b errorBody, redact *redactor) {
	var oauth string
	_ = json.Unmarshal(b.Error, &oauth) // a number is not an OAuth code
	switch status := strconv.Itoa(e.StatusCode); {
	// Old API versions have no errorCode.
	case b.ErrorCode != "", string(b.Error) == status && b.Reason != "":
	case e.token && oauth != "":
		b = errorBody{ErrorCode: text(oauth), Detail: b.OAuthDescription}
	default:
		return // text of unknown origin
	}
	e.AtlasBody = true
	e.Code = redact.text(string(b.ErrorCode))
	e.Detail = redact.text(string(b.Detail))
	e.Reason = redact.text(string(b.Reason))
	for _, f := range b.BadRequestDetail.Fields {
		e.Fields = append(e.Fields, FieldError{
			Field:       redact.text(string(f.Field)),
			Description: redact.text(string(f.Description)),
		})
	}
}

// because sets why there is no response, or no usable one.
func (e *Error) because(cause error, redact *redactor) *Error {
	if kept, ok := errors.AsType[*keptBack](cause); ok {
		e.RetryAfter = kept.after
	}
	e.cause = cause
	e.causeText = cut(redact.text(cause.Error()), maxCause)
	return e
}

func newAnswerError(resp *http.Response) *Error {
	e := newError(resp.Request)
	e.StatusCode = resp.StatusCode
	e.contentType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return e
}

func newError(req *http.Request) *Error {
	x := exchangeOf(req)
	u := *req.URL
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return &Error{Operation: x.operation, Method: req.Method, URL: u.String(), token: x.set == setTokens}
}

// requestID returns Atlas's ID of the request, for support cases.
func requestID(h http.Header) string { return cut(h.Get("X-Request-Id"), 100) }

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// errKeptBack is why a call was not sent that would wait too long.
var errKeptBack = errors.New("kept back by the rate limit")

// keptBack is an errKeptBack with the delay before the next attempt.
type keptBack struct{ after time.Duration }

func (*keptBack) Error() string { return errKeptBack.Error() }

func (*keptBack) Is(target error) bool { return target == errKeptBack }
