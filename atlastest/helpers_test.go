package atlastest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	. "github.com/onsi/gomega"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/atlasstreams/operator/atlastest"
)

const (
	group       = "/api/atlas/v2/groups/" + atlastest.DefaultProjectID
	links       = group + "/streams/privateLinkConnections"
	connections = group + "/streams/" + atlastest.DefaultWorkspace + "/connections"
	media       = "application/vnd.atlas.2023-02-01+json"
	mediaPatch  = "application/vnd.atlas.2025-03-12+json"
)

// start is the initial time of the manual clock.
var start = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// slow makes every state last a minute of a manual clock.
func slow() []atlastest.Option {
	return []atlastest.Option{
		atlastest.WithManualClock(start),
		atlastest.WithDurations(atlastest.Durations{
			Idle: time.Minute, Working: time.Minute, Pending: time.Minute,
			DeleteRequested: time.Minute, Deleting: time.Minute, Initiating: time.Minute,
		}),
	}
}

type object = map[string]any

// answer is a response.
type answer struct {
	status int
	header http.Header
	text   string
	body   object
}

func (a answer) code() string {
	code, _ := a.body["errorCode"].(string)
	return code
}

// fields returns the field names of a VALIDATION_ERROR.
func (a answer) fields() []string {
	parameters, _ := a.body["parameters"].([]any)
	if a.code() != "VALIDATION_ERROR" || len(parameters) != 1 {
		return nil
	}
	var names []string
	for text := range strings.SplitSeq(parameters[0].(string), "; ") {
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "Invalid "), " ")
		names = append(names, name)
	}
	return names
}

func (a answer) results() []object {
	list, _ := a.body["results"].([]any)
	out := []object{}
	for _, r := range list {
		out = append(out, r.(object))
	}
	return out
}

// list returns the objects of a bare list.
func (a answer) list() []object {
	var out []object
	_ = json.Unmarshal([]byte(a.text), &out) // nil if it is not a list
	return out
}

// api calls a server with one HTTP client.
type api struct {
	t      *testing.T
	base   string
	client *http.Client
	header http.Header     // replaces the usual media types when set
	ctx    context.Context // the test's when nil
}

func newAPI(t *testing.T, opts ...atlastest.Option) (*atlastest.Server, *api) {
	t.Helper()
	s := atlastest.NewServer(t, opts...)
	return s, oauthAPI(t, s, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
}

func oauthAPI(t *testing.T, s *atlastest.Server, id, secret string) *api {
	t.Helper()
	cfg := clientcredentials.Config{
		ClientID: id, ClientSecret: secret, TokenURL: s.URL + "/api/oauth/token", AuthStyle: oauth2.AuthStyleInHeader,
	}
	return &api{t: t, base: s.URL, client: cfg.Client(t.Context())}
}

func digestAPI(t *testing.T, s *atlastest.Server, public, private string) *api {
	t.Helper()
	return &api{t: t, base: s.URL, client: &http.Client{
		Transport: &digest.Transport{Username: public, Password: private, Transport: s.Client().Transport},
	}}
}

func (a *api) try(method, path string, body any) (answer, error) {
	a.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		NewWithT(a.t).Expect(err).NotTo(HaveOccurred())
		reader = bytes.NewReader(data)
	}
	ctx := a.ctx
	if ctx == nil {
		ctx = a.t.Context()
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, reader)
	NewWithT(a.t).Expect(err).NotTo(HaveOccurred())
	req.Header.Set("Accept", mediaPatch)
	if reader != nil {
		req.Header.Set("Content-Type", mediaPatch)
	}
	maps.Copy(req.Header, a.header)
	res, err := a.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	out := answer{status: res.StatusCode, header: res.Header, text: string(data)}
	_ = json.Unmarshal(data, &out.body) // some answers are HTML
	return out, err
}

func (a *api) do(method, path string, body any) answer {
	a.t.Helper()
	out, err := a.try(method, path, body)
	NewWithT(a.t).Expect(err).NotTo(HaveOccurred())
	return out
}

func (a *api) get(path string) answer             { a.t.Helper(); return a.do("GET", path, nil) }
func (a *api) post(path string, body any) answer  { a.t.Helper(); return a.do("POST", path, body) }
func (a *api) patch(path string, body any) answer { a.t.Helper(); return a.do("PATCH", path, body) }
func (a *api) delete(path string) answer          { a.t.Helper(); return a.do("DELETE", path, nil) }

// link creates a private link and returns its ID.
func (a *api) link(body object) string {
	a.t.Helper()
	res := a.post(links, body)
	NewWithT(a.t).Expect(res.status).To(Equal(200), res.text)
	return res.body["_id"].(string)
}

// with copies an object with changes; nil removes a member.
func with(o object, changes object) object {
	out := maps.Clone(o)
	for k, v := range changes {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

// join merges objects into one; nil is null.
func join(objects ...object) object {
	out := object{}
	for _, o := range objects {
		maps.Copy(out, o)
	}
	return out
}

// adminAPI calls the administration API of a server.
func adminAPI(t *testing.T, s *atlastest.Server) *api {
	t.Helper()
	return &api{t: t, base: s.URL, client: s.Client(), header: http.Header{"Content-Type": {"application/json"}}}
}
