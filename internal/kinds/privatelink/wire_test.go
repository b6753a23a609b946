package privatelink

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// The project of the tests, and the id of a link in it.
const (
	testProject = "0123456789abcdef01234567"
	testLink    = "aaaaaaaaaaaaaaaaaaaaaaaa"
)

// wire is a transport that keeps the last request. It answers with what reply holds, or else with what was sent and an id.
type wire struct {
	g     *WithT
	reply string
	sent  *http.Request
	body  []byte
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := `{"access_token":"t","expires_in":3600}`
	if r.URL.Path != "/api/oauth/token" {
		w.sent, w.body = r, []byte(`{}`)
		if r.Body != nil {
			w.body, _ = io.ReadAll(r.Body)
		}
		if answer = w.reply; answer == "" {
			answer = answerOf(w.g, w.body, map[string]any{"_id": testLink})
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// wired is the client of the operator, connected to a wire.
func wired(t *testing.T) (*wire, *atlas.Client) {
	t.Helper()
	w := &wire{g: NewWithT(t)}
	creds := atlas.Credentials{ID: "mdb_sa_id_1", Secret: atlas.NewSecret("client-secret")}
	client, err := atlas.New(creds, atlas.Options{Transport: w})
	w.g.Expect(err).NotTo(HaveOccurred())
	return w, client
}

// golden is a request written by hand from the documentation of the API.
func golden(g *WithT, name string) []byte {
	body, err := os.ReadFile(filepath.Join("testdata", "requests", name+".json"))
	g.Expect(err).NotTo(HaveOccurred())
	return body
}

// answerOf is what Atlas answers to a request: its members and others. Nil takes one away.
func answerOf(g *WithT, request []byte, others map[string]any) string {
	var members map[string]any
	g.Expect(json.Unmarshal(request, &members)).To(Succeed(), string(request))
	for name, value := range others {
		if members[name] = value; value == nil {
			delete(members, name)
		}
	}
	body, err := json.Marshal(members)
	g.Expect(err).NotTo(HaveOccurred())
	return string(body)
}

func managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: testProject, ManagementPolicy: v1alpha1.Manage}
}
