package atlas

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
)

// predicates lists all predicates, so that tests can also check which are false.
var predicates = map[string]func(error) bool{
	"NotFound": IsNotFound, "ProjectNotFound": IsProjectNotFound, "WorkspaceNotFound": IsWorkspaceNotFound, "Foreign": IsForeign,
	"Conflict": IsConflict, "InUse": IsInUse, "Deploying": IsDeploying, "RateLimited": IsRateLimited, "Unauthorized": IsUnauthorized,
	"Gone": IsGone, "Forbidden": IsForbidden, "Invalid": IsInvalid, "FieldErrors": HasFieldErrors, "Unavailable": IsUnavailable, "OutcomeUnknown": IsOutcomeUnknown,
}

func judge(err error) []string {
	var is []string
	for name, predicate := range predicates {
		if predicate(fmt.Errorf("wrapped: %w", err)) {
			is = append(is, name)
		}
	}
	return is
}

const fieldErrors = `{"error":400,"errorCode":"VALIDATION_ERROR","detail":"d","badRequestDetail":{"fields":[{"field":"region","description":"unknown"}]}}`

func TestErrorsAreClassified(t *testing.T) {
	html := "<html><body>planted page</body></html>"
	foreign := []string{"Foreign", "OutcomeUnknown"}
	for name, tc := range map[string]struct {
		status int
		body   string
		is     []string
		class  string
	}{
		"object":                   {404, refusal(404, "RESOURCE_NOT_FOUND", "d"), []string{"NotFound"}, "HTTP 404 RESOURCE_NOT_FOUND"},
		"connection":               {404, refusal(404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME", "d"), []string{"NotFound"}, "HTTP 404 STREAM_CONNECTION_NOT_FOUND_FOR_NAME"},
		"project":                  {404, refusal(404, "GROUP_NOT_FOUND", "d"), []string{"NotFound", "ProjectNotFound"}, "HTTP 404 GROUP_NOT_FOUND"},
		"workspace":                {404, refusal(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", "d"), []string{"NotFound", "WorkspaceNotFound"}, "HTTP 404 STREAM_TENANT_NOT_FOUND_FOR_NAME"},
		"404 page":                 {404, html, foreign, "HTTP 404"},
		"404 with other JSON":      {404, `{"message":"no route"}`, foreign, "HTTP 404"},
		"404 with an array":        {404, `[1]`, foreign, "HTTP 404"},
		"404 with nothing":         {404, ``, foreign, "HTTP 404"},
		"404 without a code":       {404, `{"error":404,"reason":"Not Found","detail":"d"}`, []string{"NotFound"}, "HTTP 404"},
		"404 with a null code":     {404, `{"error":404,"errorCode":null,"reason":"Not Found"}`, []string{"NotFound"}, "HTTP 404"},
		"404 without a reason":     {404, `{"error":404,"detail":"d"}`, foreign, "HTTP 404"},
		"404 that says 403":        {404, `{"error":403,"reason":"Forbidden"}`, foreign, "HTTP 404"},
		"404 that says it as text": {404, `{"error":"404","reason":"Not Found"}`, foreign, "HTTP 404"},
		"400 page":                 {400, html, foreign, "HTTP 400"},
		"401 page":                 {401, html, foreign, "HTTP 401"},
		"403 page":                 {403, html, foreign, "HTTP 403"},
		"401 with nothing":         {401, ``, foreign, "HTTP 401"},
		"403 with nothing":         {403, ``, foreign, "HTTP 403"},
		"403 without a code":       {403, `{"error":403,"reason":"Forbidden"}`, []string{"Forbidden"}, "HTTP 403"},
		"no role":                  {401, refusal(401, "USER_UNAUTHORIZED", "d"), []string{"Forbidden"}, "HTTP 401 USER_UNAUTHORIZED"},
		"not in the project":       {401, refusal(401, "USER_CANNOT_ACCESS_GROUP", "d"), []string{"Forbidden"}, "HTTP 401 USER_CANNOT_ACCESS_GROUP"},
		"not in the organisation":  {401, refusal(401, "NOT_ORG_GROUP_CREATOR", "d"), []string{"Forbidden"}, "HTTP 401 NOT_ORG_GROUP_CREATOR"},
		"exists":                   {409, refusal(409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS", "d"), []string{"Conflict"}, "HTTP 409 STREAM_CONNECTION_NAME_ALREADY_EXISTS"},
		"exists, as a 400":         {400, refusal(400, "STREAM_PRIVATE_LINK_ALREADY_EXISTS", "d"), []string{"Conflict"}, "HTTP 400 STREAM_PRIVATE_LINK_ALREADY_EXISTS"},
		"conflict page":            {409, html, foreign, "HTTP 409"},
		"deploying":                {409, refusal(409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING", "d"), []string{"Deploying"}, "HTTP 409 STREAM_KAFKA_CONNECTION_IS_DEPLOYING"},
		"link in use":              {400, refusal(400, "STREAM_PRIVATE_LINK_IN_USE", "d"), []string{"InUse"}, "HTTP 400 STREAM_PRIVATE_LINK_IN_USE"},
		"link in use, as a 409":    {409, refusal(409, "STREAM_PRIVATE_LINK_IN_USE", "d"), []string{"InUse"}, "HTTP 409 STREAM_PRIVATE_LINK_IN_USE"},
		"processors":               {403, refusal(403, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS", "d"), []string{"InUse"}, "HTTP 403 STREAM_CONNECTION_HAS_STREAM_PROCESSORS"},
		"access list":              {403, refusal(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "d"), []string{"Forbidden"}, "HTTP 403 IP_ADDRESS_NOT_ON_ACCESS_LIST"},
		"invalid":                  {400, refusal(400, "VALIDATION_ERROR", "d"), []string{"Invalid"}, "HTTP 400 VALIDATION_ERROR"},
		"invalid fields":           {400, fieldErrors, []string{"Invalid", "FieldErrors"}, "HTTP 400 VALIDATION_ERROR"},
		"rate":                     {429, refusal(429, "RATE_LIMITED", "d"), []string{"RateLimited"}, "HTTP 429 RATE_LIMITED"},
		"rate page":                {429, html, []string{"RateLimited", "OutcomeUnknown"}, "HTTP 429"},
		"unexpected":               {500, refusal(500, "UNEXPECTED_ERROR", "d"), []string{"Unavailable", "OutcomeUnknown"}, "HTTP 500 UNEXPECTED_ERROR"},
		"proxy":                    {502, html, []string{"Unavailable", "OutcomeUnknown"}, "HTTP 502"},
		"request timeout":          {408, ``, []string{"Unavailable", "OutcomeUnknown"}, "HTTP 408"},
		"redirect":                 {302, html, []string{"Unavailable", "OutcomeUnknown"}, "HTTP 302"},
		"proxy wants a login":      {407, html, foreign, "HTTP 407"},
		"version gone":             {410, refusal(410, "VERSION_GONE", "d"), []string{"Gone"}, "HTTP 410 VERSION_GONE"},
		"version gone, as a 400":   {400, refusal(400, "VERSION_GONE", "d"), []string{"Gone", "Invalid"}, "HTTP 400 VERSION_GONE"},
		"gone page":                {410, html, append([]string{"Gone"}, foreign...), "HTTP 410"},
		"detail without a code":    {403, `{"type":"about:blank","detail":"planted page","reason":"planted page"}`, foreign, "HTTP 403"},
		"code is a number":         {404, `{"error":"404","errorCode":4041,"parameters":[1,"two",null,{"a":1}]}`, []string{"NotFound"}, "HTTP 404 4041"},
		"members of other types":   {400, `{"errorCode":"VALIDATION_ERROR","detail":{"a":1},"parameters":"p","badRequestDetail":[]}`, []string{"Invalid"}, "HTTP 400 VALIDATION_ERROR"},
		"null members":             {400, `{"errorCode":"X","detail":null,"parameters":null,"badRequestDetail":null}`, []string{"Invalid"}, "HTTP 400 X"},
		"oauth words from the API": {400, `{"error":"invalid_client"}`, foreign, "HTTP 400"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				answer(w, tc.status, tc.body)
			})
			_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).To(HaveOccurred())
			g.Expect(judge(err)).To(ConsistOf(tc.is))
			g.Expect(Class(fmt.Errorf("wrapped: %w", err))).To(Equal(tc.class))
			g.Expect(err.Error()).To(And(HavePrefix("CreatePrivateLink: HTTP "), Not(ContainSubstring("planted page"))))
			g.Expect(f.seen()).To(HaveLen(1))
		})
	}
}

func TestUnauthorizedIsClassified(t *testing.T) {
	for body, class := range map[string]string{noToken: "HTTP 401", refusal(401, "UNEXPECTED_ERROR", "d"): "HTTP 401 UNEXPECTED_ERROR"} {
		g := NewWithT(t)
		err := update(t.Context(), serve(t, always(401, body)).client(t), project)
		g.Expect(judge(err)).To(ConsistOf("Unauthorized"))
		g.Expect(Class(err)).To(Equal(class))
	}
}

func TestErrorMembers(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		answer(w, 400, `{"error":400,"errorCode":"VALIDATION_ERROR","reason":"Bad Request","detail":"no cluster","parameters":["a",2],
			"badRequestDetail":{"fields":[{"field":"region","description":"unknown"}]}}`)
	})
	_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
	e, ok := AsError(fmt.Errorf("wrapped: %w", err))
	g.Expect(ok).To(BeTrue())
	g.Expect(e.StatusCode).To(Equal(400))
	g.Expect(e.Code).To(Equal("VALIDATION_ERROR"))
	g.Expect(e.Reason).To(Equal("Bad Request"))
	g.Expect(e.Detail).To(Equal("no cluster"))
	g.Expect(e.Fields).To(Equal([]FieldError{{Field: "region", Description: "unknown"}}))
	g.Expect(e.Method).To(Equal("POST"))
	g.Expect(e.URL).To(Equal(f.URL + group + "/streams/privateLinkConnections"))
	g.Expect(e.RetryAfter).To(Equal(7 * time.Second))
	g.Expect(RetryAfter(err)).To(Equal(7 * time.Second))
	g.Expect(e.AtlasBody).To(BeTrue())
	g.Expect(err.Error()).To(Equal("CreatePrivateLink: HTTP 400 VALIDATION_ERROR: no cluster"))
}

func TestErrorCodeIsShortInTheText(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(400, refusal(400, strings.Repeat("X", 5000), strings.Repeat("y", 5000))))
	_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(len(err.Error())).To(BeNumerically("<", 1200))
	e, _ := AsError(err)
	g.Expect(e.Code).To(HaveLen(5000))
}

func TestErrorURLHasNoQuery(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(403, `<html>`))
	_, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, nil))
	e, _ := AsError(err)
	g.Expect(e.URL).To(Equal(f.URL + group + "/streams/privateLinkConnections"))
}

func TestErrorTextIsShort(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(400, refusal(400, "VALIDATION_ERROR", "xy"+strings.Repeat("€", 5000))))
	_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(len(err.Error())).To(BeNumerically("<", 1100))
	g.Expect(utf8.ValidString(err.Error())).To(BeTrue())
	g.Expect(err.Error()).To(HaveSuffix("€"))
}

func TestErrorOfAProxyPageHasOnlyItsContentType(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(403)
		_, _ = io.WriteString(w, "<html>blocked</html>")
	})
	_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(err.Error()).To(Equal(`CreatePrivateLink: HTTP 403 (the answer, of content type "text/html", is not one of Atlas's errors)`))
}

// An error response with a truncated or endless body keeps its status and does not count as Atlas's.
func TestStatusIsKeptWithoutCompleteBody(t *testing.T) {
	for name, api := range map[string]http.HandlerFunc{
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(404)
			_, _ = io.WriteString(w, refusal(404, "GROUP_NOT_FOUND", "d")[:20])
		},
		"too large": huge(404),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := serve(t, api).client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(judge(err)).To(ConsistOf("Foreign", "OutcomeUnknown"))
			g.Expect(Class(err)).To(Equal("HTTP 404"))
		})
	}
}

func TestPredicatesOfOtherErrors(t *testing.T) {
	g := NewWithT(t)
	for _, err := range []error{nil, errors.New("x"), io.EOF, &Error{}} {
		g.Expect(RetryAfter(err)).To(BeZero())
	}
	g.Expect(judge(errors.New("x"))).To(BeEmpty())
	g.Expect(Class(nil)).To(BeEmpty())
	for name, predicate := range predicates {
		g.Expect(predicate(nil)).To(BeFalse(), name)
	}
	_, ok := AsError(errors.New("x"))
	g.Expect(ok).To(BeFalse())
}
