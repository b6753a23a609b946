package connection

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// The project of the tests, and the id of a link in it.
const (
	testProject = "0123456789abcdef01234567"
	testLink    = "aaaaaaaaaaaaaaaaaaaaaaaa"
)

// sentRequest is a request as Atlas gets it.
type sentRequest struct {
	Method, Path, ContentType string
	Body                      []byte
}

// wire is a transport that notes what it is sent. It answers with what Reply set, or else with what was sent and an id.
type wire struct {
	g      *gomega.WithT
	answer string
	// Got are the requests, but for those for tokens.
	Got []sentRequest
}

// RoundTrip answers.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := `{"access_token":"t","expires_in":3600}`
	if r.URL.Path != "/api/oauth/token" {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		w.Got = append(w.Got, sentRequest{r.Method, r.URL.Path, r.Header.Get("Content-Type"), body})
		if answer = w.answer; answer == "" {
			answer = answerOf(w.g, body, map[string]any{"_id": testLink})
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// Reply sets the answer to later requests.
func (w *wire) Reply(answer string) { w.answer = answer }

// Last is the only request since the last call.
func (w *wire) Last(g *gomega.WithT) sentRequest {
	g.Expect(w.Got).To(gomega.HaveLen(1))
	last := w.Got[0]
	w.Got = nil
	return last
}

// wired is the client of the operator, connected to a wire.
func wired(t *testing.T) (*wire, *atlas.Client) {
	t.Helper()
	w := &wire{g: gomega.NewWithT(t)}
	creds := atlas.Credentials{ID: "mdb_sa_id_1", Secret: atlas.NewSecret("client-secret")}
	client, err := atlas.New(creds, atlas.Options{Transport: w})
	w.g.Expect(err).NotTo(gomega.HaveOccurred())
	return w, client
}

// golden is a request written by hand from the documentation of the API.
func golden(g *gomega.WithT, name string) []byte {
	body, err := os.ReadFile(filepath.Join("testdata", "requests", name+".json"))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return body
}

// decoded decodes an object, so that two can be compared member by member: their order is of no meaning, that of
// lists is, and an absent member is neither null nor empty.
func decoded(g *gomega.WithT, body []byte) map[string]any {
	var m map[string]any
	g.Expect(json.Unmarshal(body, &m)).To(gomega.Succeed(), string(body))
	return m
}

// answerOf is what Atlas answers to a request: its members and others.
func answerOf(g *gomega.WithT, request []byte, others map[string]any) string {
	m := decoded(g, request)
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

// expectGoldenRequests compares the names of all golden requests with those that tests use, and looks for null: it clears
// a member, which there is only in a PATCH.
func expectGoldenRequests(g *gomega.WithT, used []string) {
	files, err := filepath.Glob(filepath.Join("testdata", "requests", "*.json"))
	g.Expect(err).NotTo(gomega.HaveOccurred())
	names := make([]string, 0, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		names = append(names, name)
		if !strings.HasSuffix(name, "-patch") {
			g.Expect(string(golden(g, name))).NotTo(gomega.ContainSubstring("null"), file)
		}
	}
	g.Expect(names).To(gomega.ConsistOf(used))
}

// managedSpec is the part of a spec that all kinds have.
func managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: testProject, ManagementPolicy: v1alpha1.Manage}
}
