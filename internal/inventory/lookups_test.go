package inventory

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	testclock "k8s.io/utils/clock/testing"

	"github.com/atlasstreams/operator/internal/atlas"
)

// Projects and regions come from users: invalid ones must neither fill the memory nor evict valid entries.
func TestLookupsAreBounded(t *testing.T) {
	g := NewWithT(t)
	calls, misses := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			_, _ = fmt.Fprint(w, `{"access_token":"t","expires_in":3600}`)
		case strings.Contains(r.URL.Path, "/groups/real/"):
			calls++
			_, _ = fmt.Fprint(w, `{"awsAccountId":"123456789012"}`)
		default:
			misses++
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"errorCode":"GROUP_NOT_FOUND"}`)
		}
	}))
	t.Cleanup(server.Close)
	credentials := atlas.Credentials{ID: "id", Secret: atlas.NewSecret("planted")}
	client, err := atlas.New(credentials, atlas.Options{BaseURL: server.URL})
	g.Expect(err).NotTo(HaveOccurred())
	clock := testclock.NewFakeClock(time.Now())
	accounts := New(Options{Clock: clock}).Accounts
	get := func(project string) bool {
		_, found := accounts.Get(t.Context(), client, project, Account{"aws", "US_EAST_1"})
		return found
	}

	g.Expect(get("real")).To(BeTrue())
	for i := range maxLookups + 50 {
		g.Expect(get(fmt.Sprint("made-up-", i))).To(BeFalse())
	}
	g.Expect(accounts.failed.Keys()).To(HaveLen(maxLookups))
	g.Expect(get("real")).To(BeTrue())
	g.Expect(calls).To(Equal(1))

	newest := fmt.Sprint("made-up-", maxLookups+49)
	misses = 0
	g.Expect(get(newest)).To(BeFalse())
	g.Expect(misses).To(BeZero())
	clock.SetTime(clock.Now().Add(lookupRetry + time.Second))
	g.Expect(get(newest)).To(BeFalse())
	g.Expect(misses).To(Equal(1), "a failure is asked for again once it has expired")
}
