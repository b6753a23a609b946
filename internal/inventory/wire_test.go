package inventory_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
)

const (
	project  = "0123456789abcdef01234567"
	settle   = time.Minute
	interval = 10 * time.Minute
)

// wire implements the endpoints of Atlas that lists need.
type wire struct {
	*httptest.Server
	mu    sync.Mutex
	links []string
	calls int
	// answer, if it returns true, replaces the response to a page.
	answer func(w http.ResponseWriter, page string) bool
}

func newWire(t *testing.T, links ...string) *wire {
	t.Helper()
	s := &wire{links: links}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/api/oauth/token") {
		_, _ = fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
		return
	}
	s.mu.Lock()
	s.calls++
	answer := s.answer
	objects := make([]map[string]any, 0, len(s.links))
	for _, id := range s.links {
		objects = append(objects, map[string]any{"_id": id, "provider": "AWS", "state": "DONE", "id": id, "name": id, "type": "Sample"})
	}
	s.mu.Unlock()
	if answer != nil && answer(w, r.URL.Query().Get("pageNum")) {
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"results": objects})
}

func (s *wire) set(links ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links = links
}

func (s *wire) answerWith(answer func(w http.ResponseWriter, page string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// count returns the number of requested pages.
func (s *wire) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// fail responds to every page with a status that the client does not retry.
func (s *wire) fail(status int, header ...string) {
	s.answerWith(func(w http.ResponseWriter, _ string) bool {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, `{"errorCode":"FAILED"}`)
		return true
	})
}

func (s *wire) client(t *testing.T, id string) *atlas.Client {
	t.Helper()
	client, err := atlas.New(
		atlas.Credentials{ID: id, Secret: atlas.NewSecret("secret of " + id)},
		atlas.Options{BaseURL: s.URL, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// setting is an inventory with a fake clock and a wire.
type setting struct {
	*wire
	clock     *testclock.FakeClock
	inventory *inventory.Inventory
	links     *inventory.List[atlas.PrivateLink]
}

func newSetting(t *testing.T, links ...string) *setting {
	t.Helper()
	s := &setting{wire: newWire(t, links...), clock: testclock.NewFakeClock(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC))}
	s.inventory = inventory.New(inventory.Options{Clock: s.clock, Settle: settle, PollInterval: interval})
	s.links = s.inventory.Links(s.client(t, "one"), project)
	return s
}

// fresh requires a list that begins now.
func (s *setting) fresh() inventory.ReadOptions {
	return inventory.ReadOptions{NotBefore: s.clock.Now()}
}

func ids(snapshot inventory.Snapshot[atlas.PrivateLink]) []string {
	return slices.Collect(maps.Keys(byKey(snapshot)))
}

func names(snapshot inventory.Snapshot[atlas.Connection]) []string {
	return slices.Collect(maps.Keys(byKey(snapshot)))
}

func byKey[T interface{ Key() string }](snapshot inventory.Snapshot[T]) map[string]T {
	objects := map[string]T{}
	for object := range snapshot.All() {
		objects[object.Key()] = object
	}
	return objects
}
