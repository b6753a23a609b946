package connection

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// choices make specs.
type choices struct{ random.Choices }

// Text is one that means something to the code, or any other. The API server passes on nothing that is not text.
func (c *choices) Text() string { return strings.ToValidUTF8(c.Raw(), "?") }

// Raw is what a Secret may hold.
func (c *choices) Raw() string {
	known := []string{
		"", "us-east-1", "US_EAST_1", "a.example.com.", "A.example.com", "arn:aws:kafka:eu-west-1:1:cluster/c/1", "arn:", "a,b , A", " \r\n",
		testProject, testLink,
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
func (c *choices) Texts() []string {
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

// randomManaged is the part of a spec that all kinds have.
func randomManaged(c *choices) v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: testProject, ManagementPolicy: random.Pick(&c.Choices, v1alpha1.Manage, v1alpha1.Observe)}
}

// addChoices adds few choices, and many that reach far into a spec.
func addChoices(f *testing.F) {
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

// checkRandomly runs a check of the fuzzer with 2,000 random inputs.
func checkRandomly(t *testing.T, check func(*testing.T, []byte)) {
	t.Helper()
	source := rand.New(rand.NewPCG(random.Seed(t), 0))
	for range 2000 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(source.Uint32())
		}
		check(t, data)
	}
}
