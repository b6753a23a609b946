package controller

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

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

const (
	contractProject = "0123456789abcdef01234567"
	contractLink    = "aaaaaaaaaaaaaaaaaaaaaaaa"
)

// wireRequest is a request as Atlas gets it.
type wireRequest struct {
	method, path, contentType string
	body                      []byte
}

// wire is a server that notes what it is sent and answers with answer.
type wire struct {
	mu     sync.Mutex
	answer string
	got    []wireRequest
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.URL.Path == "/api/oauth/token" {
		_, _ = io.WriteString(rw, `{"access_token":"t","expires_in":3600}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.got = append(w.got, wireRequest{r.Method, r.URL.Path, r.Header.Get("Content-Type"), body})
	_, _ = io.WriteString(rw, w.answer)
}

func (w *wire) reply(answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// last is the only request since the last call.
func (w *wire) last(g *WithT) wireRequest {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.Expect(w.got).To(HaveLen(1))
	last := w.got[0]
	w.got = nil
	return last
}

// wired is the client of the operator, connected to a wire.
func wired(t *testing.T) (*wire, *atlas.Client) {
	t.Helper()
	w := &wire{answer: `{"_id":"` + contractLink + `","name":"orders"}`}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	creds := atlas.Credentials{ClientID: "mdb_sa_id_1", ClientSecret: atlas.NewSecret("client-secret")}
	client, err := atlas.New(creds, atlas.Options{BaseURL: server.URL})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return w, client
}

// golden is a request written by hand from the documentation of the API.
func golden(g *WithT, name string) []byte {
	body, err := os.ReadFile(filepath.Join("testdata", "requests", name+".json"))
	g.Expect(err).NotTo(HaveOccurred())
	return body
}

// members decodes an object, so that two can be compared member by member: their order is of no meaning, that of
// lists is, and an absent member is neither null nor empty.
func members(g *WithT, body []byte) map[string]any {
	var m map[string]any
	g.Expect(json.Unmarshal(body, &m)).To(Succeed(), string(body))
	return m
}

// answerOf is what Atlas answers to a request: its members and others.
func answerOf(g *WithT, request []byte, others map[string]any) string {
	m := members(g, request)
	for name, value := range others {
		if value == nil {
			delete(m, name)
			continue
		}
		m[name] = value
	}
	body, err := json.Marshal(m)
	g.Expect(err).NotTo(HaveOccurred())
	return string(body)
}

// TestEveryGoldenRequestIsSent finds files that no test compares with.
func TestEveryGoldenRequestIsSent(t *testing.T) {
	g := NewWithT(t)
	used := []string{"link-aws-confluent-serverless-patch"}
	for name := range contractLinks {
		if name != genericByName {
			used = append(used, "link-"+name)
		}
	}
	for name, tc := range contractConnections {
		used = append(used, "connection-"+name)
		if tc.before != "" {
			used = append(used, "connection-"+name+"-patch")
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "requests", "*.json"))
	g.Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	g.Expect(names).To(ConsistOf(used))
}

// Null clears a member, which there is only in a PATCH.
func TestGoldenCreationsHaveNoNull(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob(filepath.Join("testdata", "requests", "*.json"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		if strings.HasSuffix(file, "-patch.json") {
			continue
		}
		body, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(body)).NotTo(ContainSubstring("null"), file)
	}
}

func managedInProject() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: contractProject, ManagementPolicy: v1alpha1.Manage}
}
