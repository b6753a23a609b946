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

// Error is the failure of a call of Atlas, of its token endpoint, or of
// something between here and there.
type Error struct {
	// StatusCode is the HTTP status, 0 when no answer came. A 2xx is an answer
	// that could not be used.
	StatusCode int
	// Code is Atlas's errorCode, or the error code of the token endpoint.
	Code       string
	Detail     string
	Reason     string
	Parameters []string
	// Fields says which members of the request Atlas refused.
	Fields []FieldError
	Method string
	// Operation is the name of the Client's method, or "FetchToken".
	Operation string
	// URL is without query.
	URL       string
	RequestID string
	// RetryAfter is how long to wait before the next try, by Atlas's word or by
	// our own rate limiter's. 0 when nobody says.
	RetryAfter time.Duration
	// AtlasBody says that Atlas itself answered, and not something on the way: the
	// body is JSON with an errorCode, or with the status as a number in error and
	// a reason. The token endpoint's may have an OAuth error instead.
	AtlasBody bool

	contentType string
	token       bool   // the token endpoint failed: the call itself did not go out
	sent        bool   // without an answer: the request may have left
	keptBack    bool   // by our own rate limiter: the request certainly did not leave
	cause       error  // of no answer, or of an unusable one
	causeText   string // the cause, without secrets
}

// FieldError is Atlas's complaint about one member of a request.
type FieldError struct{ Field, Description string }

// AsError finds the Error in a chain of errors.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

const (
	maxDetail = 1000 // bytes of Atlas's own text in an error's text
	maxCause  = 300
	maxCode   = 100
)

// Error says operation, status, errorCode and Atlas's detail, which are cut at
// 100 and 1,000 bytes. Of an answer that is not Atlas's it says the content type only.
func (e *Error) Error() string {
	switch {
	case e.keptBack:
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

// GoString is Error: %#v must not walk into the cause.
func (e *Error) GoString() string { return e.Error() }

// Is compares with why no answer came, such as context.DeadlineExceeded. There
// is no Unwrap: the text of the cause may quote what was sent.
func (e *Error) Is(target error) bool { return errors.Is(e.cause, target) }

// errorBody is the body of an error of the API, of the token endpoint, or of
// neither.
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
	// Error is the status as a number, or a code of OAuth.
	Error            json.RawMessage `json:"error"`
	OAuthDescription text            `json:"error_description"`
}

// isAtlas: Atlas answered with this status. Older answers have no errorCode.
func (b errorBody) isAtlas(status int) bool {
	return b.ErrorCode != "" || string(b.Error) == strconv.Itoa(status) && b.Reason != ""
}

// oauthError is empty when error is none of OAuth's codes.
func (b errorBody) oauthError() string {
	var code string
	_ = json.Unmarshal(b.Error, &code) // a number is no code
	return code
}

// newStatusError types an answer whose status is not 2xx.
func newStatusError(req *http.Request, resp *http.Response, body []byte) *Error {
	e := newError(req)
	e.StatusCode = resp.StatusCode
	e.RequestID = requestID(resp.Header)
	e.contentType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var b errorBody
	// A member of another type than documented is no reason to lose the others.
	if err := decode(body, &b); err == nil || errors.Is(err, errUnexpectedJSON) {
		e.fill(b, &exchangeOf(req.Context()).hide)
	}
	e.RetryAfter = retryAfter(resp.Header, e.Code, e.Parameters, time.Now())
	return e
}

func (e *Error) fill(b errorBody, hide *redactor) {
	e.AtlasBody = b.isAtlas(e.StatusCode)
	if code := b.oauthError(); !e.AtlasBody && e.token && code != "" {
		e.AtlasBody = true
		e.Code = hide.text(code)
		e.Detail = hide.text(string(b.OAuthDescription))
		return
	}
	if !e.AtlasBody {
		return // whose text it is, nobody knows
	}
	e.Code = hide.text(string(b.ErrorCode))
	e.Detail = hide.text(string(b.Detail))
	e.Reason = hide.text(string(b.Reason))
	for _, p := range b.Parameters {
		e.Parameters = append(e.Parameters, hide.text(string(p)))
	}
	for _, f := range b.BadRequestDetail.Fields {
		e.Fields = append(e.Fields, FieldError{
			Field:       hide.text(string(f.Field)),
			Description: hide.text(string(f.Description)),
		})
	}
}

// newUnusableError types a 2xx whose body is not what it should be.
func newUnusableError(req *http.Request, resp *http.Response, cause error) *Error {
	e := newError(req)
	e.StatusCode = resp.StatusCode
	e.RequestID = requestID(resp.Header)
	e.contentType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	e.setCause(cause, &exchangeOf(req.Context()).hide)
	return e
}

// newNoAnswerError types what came in place of an answer.
func newNoAnswerError(req *http.Request, cause error) *Error {
	e := newError(req)
	e.sent = true
	if wire, ok := errors.AsType[*wireError](cause); ok {
		e.StatusCode, e.sent, cause = wire.statusCode, wire.sent, wire.err
	}
	return e.because(cause, &exchangeOf(req.Context()).hide)
}

// because fills in why there is no answer.
func (e *Error) because(cause error, hide *redactor) *Error {
	if kept, ok := errors.AsType[*keptBack](cause); ok {
		e.keptBack, e.RetryAfter = true, kept.after
	}
	e.setCause(cause, hide)
	return e
}

func newError(req *http.Request) *Error {
	x := exchangeOf(req.Context())
	u := *req.URL
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return &Error{Operation: x.operation, Method: req.Method, URL: u.String(), token: x.token}
}

func (e *Error) setCause(cause error, hide *redactor) {
	e.cause = cause
	e.causeText = cut(hide.text(cause.Error()), maxCause)
}

// requestID is what support can find the call by, if the answer says so.
func requestID(h http.Header) string { return cut(h.Get("X-Request-Id"), 100) }

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// keptBack is why a call was not sent: it would have had to wait too long.
type keptBack struct {
	after time.Duration // when to try again
}

func (*keptBack) Error() string { return "kept back by the rate limit" }

// isKeptBack finds a keptBack also in the failure of a token that the call needed.
func isKeptBack(err error) bool {
	if e, ok := AsError(err); ok {
		return e.keptBack
	}
	_, ok := errors.AsType[*keptBack](err)
	return ok
}
