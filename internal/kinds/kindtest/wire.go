// Package kindtest has what the tests of several kinds share.
package kindtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// The project of the tests, and the id of a link in it.
const (
	Project = "0123456789abcdef01234567"
	Link    = "aaaaaaaaaaaaaaaaaaaaaaaa"
)

// Request is a request as Atlas gets it.
type Request struct {
	Method, Path, ContentType string
	Body                      []byte
}

// Wire is a server that notes what it is sent and answers with answer.
type Wire struct {
	mu     sync.Mutex
	answer string
	// Got are the requests, but for those for tokens.
	Got []Request
}

// ServeHTTP answers.
func (w *Wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.URL.Path == "/api/oauth/token" {
		_, _ = io.WriteString(rw, `{"access_token":"t","expires_in":3600}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.Got = append(w.Got, Request{r.Method, r.URL.Path, r.Header.Get("Content-Type"), body})
	_, _ = io.WriteString(rw, w.answer)
}

// Reply sets the answer to later requests.
func (w *Wire) Reply(answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// Last is the only request since the last call.
func (w *Wire) Last(g *gomega.WithT) Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.Expect(w.Got).To(gomega.HaveLen(1))
	last := w.Got[0]
	w.Got = nil
	return last
}

// Wired is the client of the operator, connected to a wire.
func Wired(t *testing.T) (*Wire, *atlas.Client) {
	t.Helper()
	w := &Wire{answer: `{"_id":"` + Link + `","name":"orders"}`}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	creds := atlas.Credentials{ClientID: "mdb_sa_id_1", ClientSecret: atlas.NewSecret("client-secret")}
	client, err := atlas.New(creds, atlas.Options{BaseURL: server.URL})
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return w, client
}

// Golden is a request written by hand from the documentation of the API.
func Golden(g *gomega.WithT, name string) []byte {
	body, err := os.ReadFile(filepath.Join("testdata", "requests", name+".json"))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return body
}

// Members decodes an object, so that two can be compared member by member: their order is of no meaning, that of
// lists is, and an absent member is neither null nor empty.
func Members(g *gomega.WithT, body []byte) map[string]any {
	var m map[string]any
	g.Expect(json.Unmarshal(body, &m)).To(gomega.Succeed(), string(body))
	return m
}

// AnswerOf is what Atlas answers to a request: its members and others.
func AnswerOf(g *gomega.WithT, request []byte, others map[string]any) string {
	m := Members(g, request)
	for name, value := range others {
		if value == nil {
			delete(m, name)
			continue
		}
		m[name] = value
	}
	body, err := json.Marshal(m)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return string(body)
}

// ExpectGoldenRequests compares the names of all golden requests with those that tests use, and looks for null: it clears
// a member, which there is only in a PATCH.
func ExpectGoldenRequests(g *gomega.WithT, used []string) {
	files, err := filepath.Glob(filepath.Join("testdata", "requests", "*.json"))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	names := make([]string, 0, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		names = append(names, name)
		if !strings.HasSuffix(name, "-patch") {
			g.Expect(string(Golden(g, name))).NotTo(gomega.ContainSubstring("null"), file)
		}
	}
	g.Expect(names).To(gomega.ConsistOf(used))
}

// Managed is the part of a spec that all kinds have.
func Managed() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: Project, ManagementPolicy: v1alpha1.Manage}
}
