package atlas

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
)

// secretRequest has a planted secret in every possible member.
var secretRequest = Connection{
	Name: "n", Type: "Kafka",
	KafkaAuthentication: &KafkaAuthentication{
		Password: NewSecret("planted-password"), ClientSecret: NewSecret("planted-oauth"), SSLKey: NewSecret("planted-key\nof two lines"),
		SSLKeyPassword: NewSecret("planted-key-password"),
	},
	Headers:                      map[string]Secret{"Authorization": NewSecret("planted-header")},
	SchemaRegistryAuthentication: &SchemaRegistryAuthentication{Password: NewSecret("planted-registry")},
}

func everyForm(value any) string {
	encoded, _ := json.Marshal(value)
	return fmt.Sprintf("%v %+v %#v %s %q %s", value, value, value, value, value, encoded)
}

func TestRequestsShowNoSecrets(t *testing.T) {
	g := NewWithT(t)
	for _, value := range []any{
		secretRequest, &secretRequest, *secretRequest.KafkaAuthentication, *secretRequest.SchemaRegistryAuthentication, account, &account, apiKey,
	} {
		g.Expect(everyForm(value)).NotTo(ContainSubstring("planted"))
	}
	o, err := secretRequest.object()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(everyForm(o)).NotTo(ContainSubstring("planted"))
	body, _, err := o.encode()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(strings.Count(string(body), "planted")).To(Equal(6), "in the request they are in clear")
}

func TestAnswersShowNoHeaders(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, always(200, `{"name":"n","type":"Https","headers":{"Authorization":"planted-header"},
		"authentication":{"username":"u","password":"planted-password","sslKey":"planted-key"}}`))
	c, err := f.client(t).GetConnection(t.Context(), project, "w", "n")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(everyForm(c)).NotTo(ContainSubstring("planted"))
	g.Expect(everyForm(*c.KafkaAuthentication)).NotTo(ContainSubstring("planted"))
	g.Expect(c.Headers["Authorization"].Reveal()).To(Equal("planted-header"))
	g.Expect(c.KafkaAuthentication.Password.IsZero()).To(BeTrue())
}

// Servers and proxies may quote the whole request anywhere in their responses.
func TestErrorsAndLogsShowNoSecrets(t *testing.T) {
	quote := func(status int, wrap func(quoted string) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			user, password, _ := r.BasicAuth()
			var members map[string]any
			_ = json.Unmarshal(body, &members)
			answer(w, status, wrap(fmt.Sprint(r.Header.Get("Authorization"), user, password, members)))
		}
	}
	inAtlasError := func(quoted string) string {
		body, _ := json.Marshal(map[string]any{
			"errorCode": "VALIDATION_ERROR", "detail": quoted, "reason": quoted, "parameters": []any{quoted},
			"badRequestDetail": map[string]any{"fields": []any{map[string]string{"field": quoted, "description": quoted}}},
		})
		return string(body)
	}
	inCode := func(quoted string) string { return refusal(400, quoted, "d") }
	inOAuth := func(quoted string) string {
		body, _ := json.Marshal(map[string]string{"error": quoted, "error_description": quoted})
		return string(body)
	}
	asIs := func(quoted string) string { return quoted }

	for name, tc := range map[string]struct{ api, token http.HandlerFunc }{
		"refused":               {api: quote(400, inAtlasError)},
		"refused by a code":     {api: quote(400, inCode)},
		"unauthorized":          {api: quote(401, inAtlasError)},
		"page of a proxy":       {api: quote(502, asIs)},
		"success of no use":     {api: quote(200, asIs)},
		"not HTTP":              {api: hijack},
		"knows the credentials": {api: always(400, refusal(400, "X", account.Secret.Reveal()))},
		"token refused":         {token: quote(401, inOAuth)},
		"token refused by API":  {token: quote(400, inAtlasError)},
		"token page":            {token: quote(403, asIs)},
		"token of no use":       {token: quote(200, asIs)},
		"token that breaks in":  {token: always(200, `{"access_token":"planted\r\nX: y"}`)},
		"token endpoint is not": {token: hijack},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			if tc.api == nil {
				tc.api = always(200, `{"name":"n"}`)
			}
			f := serve(t, tc.api)
			f.token = tc.token
			var mu sync.Mutex
			var lines []string
			log := funcr.New(func(prefix, args string) {
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, prefix+args)
			}, funcr.Options{Verbosity: 1000})
			c := f.client(t, func(o *Options) { o.Logger = log })

			_, err := c.UpdateConnection(t.Context(), project, "w", "n", secretRequest)
			g.Expect(err).To(HaveOccurred())
			g.Expect(lines).NotTo(BeEmpty())
			for err := err; err != nil; err = errors.Unwrap(err) {
				g.Expect(everyForm(err)).NotTo(ContainSubstring("planted"))
			}
			basic := base64.StdEncoding.EncodeToString([]byte(account.ID + ":" + account.Secret.Reveal()))
			g.Expect(everyForm(err)).NotTo(Or(ContainSubstring("planted"), ContainSubstring("token-1"), ContainSubstring(basic)))
			g.Expect(Class(err)).NotTo(ContainSubstring("planted"))
			g.Expect(strings.Join(lines, "\n")).NotTo(Or(ContainSubstring("planted"), ContainSubstring("token-1")))
			g.Expect(everyForm(c)).NotTo(ContainSubstring("planted"))
			_ = c.Close(t.Context())
		})
	}
}

// hijack responds with a quote that is not HTTP.
func hijack(w http.ResponseWriter, r *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, password, _ := r.BasicAuth()
	if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "planted-password") {
		password += "planted-password"
	}
	// The HTTP library quotes the first word after the protocol.
	quoted := r.Header.Get("Authorization") + password
	_, _ = fmt.Fprint(conn, "HTTP/1.1 ", strings.ReplaceAll(quoted, " ", "_"), "\r\n\r\n")
}
