package atlas

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
)

const (
	project   = "0123456789abcdef01234567"
	linkID    = "aaaaaaaaaaaaaaaaaaaaaaaa"
	atlasJSON = "application/vnd.atlas.2023-02-01+json;charset=utf-8"
)

// account's secret is planted: it must not appear anywhere.
var account = Credentials{ID: "mdb_sa_id_1", Secret: NewSecret("planted-client-secret")}

// seen is a request as received by the server.
type seen struct {
	Method, URI, Body string
	Header            http.Header
}

// fake is a server with a token endpoint that issues token-1, token-2, ... and with a test's API.
type fake struct {
	*httptest.Server

	mu     sync.Mutex
	tokens int
	calls  []seen
	// token, if set, handles the token endpoint.
	token http.HandlerFunc
}

func serve(t *testing.T, api http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(f.handler(api))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) handler(api http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if r.URL.Path == "/api/oauth/token" {
			f.mu.Lock()
			f.tokens++
			number, token := f.tokens, f.token
			f.mu.Unlock()
			if token != nil {
				token(w, r)
				return
			}
			answer(w, 200, fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":3600}`, number))
			return
		}
		f.mu.Lock()
		f.calls = append(f.calls, seen{r.Method, r.RequestURI, string(body), r.Header.Clone()})
		f.mu.Unlock()
		api(w, r)
	})
}

func (f *fake) seen() []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]seen(nil), f.calls...)
}

func (f *fake) tokenCalls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens
}

func (f *fake) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	opts := Options{BaseURL: f.URL, Version: "1.2.3"}
	for _, c := range change {
		c(&opts)
	}
	c, err := New(account, opts)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

// getAtOnce makes concurrent calls. All must succeed.
func getAtOnce(t *testing.T, c *Client, calls int) {
	t.Helper()
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if _, err := c.GetPrivateLink(t.Context(), project, linkID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", atlasJSON)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
}

// refusal is an error body of Atlas.
func refusal(status int, code, detail string, parameters ...any) string {
	body, _ := json.Marshal(map[string]any{
		"error": status, "errorCode": code, "detail": detail, "reason": http.StatusText(status), "parameters": parameters,
	})
	return string(body)
}

func collect[T any](items map[string]*T, err error) ([]T, error) {
	var sorted []T
	for _, key := range slices.Sorted(maps.Keys(items)) {
		sorted = append(sorted, *items[key])
	}
	return sorted, err
}
