package kindtest

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// Choices make specs.
type Choices struct{ random.Choices }

// Text is one that means something to the code, or any other. The API server passes on nothing that is not text.
func (c *Choices) Text() string { return strings.ToValidUTF8(c.Raw(), "?") }

// Raw is what a Secret may hold.
func (c *Choices) Raw() string {
	known := []string{
		"", "us-east-1", "US_EAST_1", "a.example.com.", "A.example.com", "arn:aws:kafka:eu-west-1:1:cluster/c/1", "arn:", "a,b , A", " \r\n",
		Project, Link,
	}
	n := c.Of(64)
	if n < len(known) {
		return known[n]
	}
	n = min(n%16, len(c.Bytes))
	s := string(c.Bytes[:n])
	c.Bytes = c.Bytes[n:]
	return s
}

// Texts is absent, empty, or holds some.
func (c *Choices) Texts() []string {
	n := c.Of(5)
	if n == 0 {
		return nil
	}
	list := []string{}
	for range n - 1 {
		list = append(list, c.Text())
	}
	return list
}

// Optional makes a member that may be absent.
func Optional[T any](c *Choices, of func(*Choices) T) *T {
	if !c.Maybe() {
		return nil
	}
	return new(of(c))
}

// RandomTexts is absent, empty, or holds some.
func RandomTexts[V ~string](c *Choices) map[string]V {
	list := c.Texts()
	if list == nil {
		return nil
	}
	m := map[string]V{}
	for _, key := range list {
		m[key] = V(c.Text())
	}
	return m
}

// RandomManaged is the part of a spec that all kinds have.
func RandomManaged(c *Choices) v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: Project, ManagementPolicy: random.Pick(&c.Choices, v1alpha1.Manage, v1alpha1.Observe)}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// Echoing is a client to whom every request is answered with what was sent, and an id.
func Echoing(t *testing.T) *atlas.Client {
	t.Helper()
	client, err := atlas.New(atlas.Credentials{ClientID: "i", ClientSecret: atlas.NewSecret("client-secret")}, atlas.Options{
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			answer := `{"access_token":"t","expires_in":3600}`
			if r.URL.Path != "/api/oauth/token" {
				sent := map[string]json.RawMessage{}
				if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
					return nil, err
				}
				sent["_id"] = json.RawMessage(`"` + Link + `"`)
				body, err := json.Marshal(sent)
				if err != nil {
					return nil, err
				}
				answer = string(body)
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
		}),
	})
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return client
}

// AddChoices adds few choices, and many that reach far into a spec.
func AddChoices(f *testing.F) {
	f.Add([]byte{})
	for first := range 12 {
		f.Add([]byte{0, byte(first)})
		for _, fill := range []byte{1, 3, 7, 11, 0x25, 0xff} {
			long := make([]byte, 80)
			for i := range long {
				long[i] = fill + byte(i%3)*2
			}
			long[0], long[1] = byte(first/6), byte(first)
			f.Add(long)
		}
	}
}

// CheckRandomly runs a check of the fuzzer with 2,000 random inputs.
func CheckRandomly(t *testing.T, check func(*testing.T, []byte)) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		check(t, data)
	}
}
