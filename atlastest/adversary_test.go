package atlastest_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// hurried has a short timeout, which hanging requests need.
func hurried(c *api) *api {
	mine := *c
	mine.client = &http.Client{
		Transport:     impatient{c.client.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &mine
}

type impatient struct{ http.RoundTripper }

func (i impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	timer := time.AfterFunc(30*time.Millisecond, cancel)
	res, err := i.RoundTripper.RoundTrip(req.WithContext(ctx))
	timer.Stop() // reading the body may take longer
	return res, err
}

func TestAdversaryDoesEverything(t *testing.T) {
	g := NewWithT(t)
	s, c := tlsAPI(t, withTLS(t), atlastest.WithDurations(atlastest.Durations{}))
	a := atlastest.NewAdversary(s, atlastest.AdversaryOptions{Seed: 7, Rate: 0.9, MaxHole: 10 * time.Millisecond, MaxDelay: time.Millisecond})
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			mine := hurried(c)
			for i := 0; i < 150 && someKindIsUnseen(a); i++ {
				name := fmt.Sprintf("h-%d-%d", worker, i)
				_, _ = mine.try("POST", connections, https(name))
				_, _ = mine.try("GET", connections+"?itemsPerPage=2", nil)
				_, _ = mine.try("GET", connections+"/"+name, nil)
				_, _ = mine.try("DELETE", connections+"/"+name, nil)
			}
		})
	}
	wg.Wait()
	for _, kind := range atlastest.AdversaryKinds() {
		g.Expect(a.Counts()).To(HaveKeyWithValue(kind, BeNumerically(">", 0)))
	}

	a.Stop()
	a.Stop()
	before := a.Counts()
	for range 20 {
		g.Expect(c.get(connections).status).To(Equal(200))
	}
	g.Expect(a.Counts()).To(Equal(before))
}

func someKindIsUnseen(a *atlastest.Adversary) bool {
	counts := a.Counts()
	return slices.ContainsFunc(atlastest.AdversaryKinds(), func(kind string) bool { return counts[kind] == 0 })
}

func TestAdversaryEndsByItself(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	a := atlastest.NewAdversary(s, atlastest.AdversaryOptions{Rate: 1, For: 50 * time.Millisecond, Kinds: []string{"500"}})
	g.Expect(c.get(links).status).To(Equal(500))
	g.Eventually(func() int { return c.get(links).status }).Should(Equal(200))
	g.Expect(a.Counts()).To(HaveLen(1))
}

func TestAdversaryLeavesOthersAlone(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	atlastest.NewAdversary(s, atlastest.AdversaryOptions{
		Rate: 1, Kinds: []string{"500"}, Match: func(r atlastest.Request) bool { return r.Method == "POST" && r.Operation != atlastest.OpToken },
	})
	g.Expect(c.get(links).status).To(Equal(200))
	g.Expect(c.post(links, pubSubLink).status).To(Equal(500))
	g.Expect(func() { atlastest.NewAdversary(s, atlastest.AdversaryOptions{Kinds: []string{"x"}}) }).To(PanicWith(ContainSubstring(`"x"`)))
}

func TestAdversaryHidesAnObjectForLessThanMaxHole(t *testing.T) {
	const maxHole = 15 * time.Millisecond
	for name, kinds := range map[string][]string{
		"one kind":  {"hole in lists"},
		"all kinds": {"hole in lists", "hole in lists and GETs", "hole in workspaces", "replica behind", "page shifted by a deletion"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, c := newAPI(t)
			c.post(connections, https("one"))
			c.post(connections, https("two"))
			time.Sleep(maxHole) // until replicas see them
			a := atlastest.NewAdversary(s, atlastest.AdversaryOptions{Rate: 1, MaxHole: maxHole, Kinds: kinds})
			var hiddenSince time.Time
			hidden, longest := 0, time.Duration(0)
			few := func() bool { return hidden <= 5 || a.Counts()["hole in lists"] <= 5 }
			for begin := time.Now(); time.Since(begin) < 400*time.Millisecond || few() && time.Since(begin) < time.Minute; {
				c.get(connections + "/two")
				asked := time.Now()
				switch listed := c.get(connections).text; {
				case strings.Contains(listed, `"name":"one"`):
					hiddenSince = time.Time{}
				case hiddenSince.IsZero():
					hiddenSince = time.Now()
					hidden++
				default:
					longest = max(longest, asked.Sub(hiddenSince))
				}
			}
			g.Expect(hidden).To(BeNumerically(">", 5), "hidden again and again")
			g.Expect(longest).To(BeNumerically("<", maxHole), "nearly every read begins a hole, and yet they do not join")
			g.Expect(a.Counts()["hole in lists"]).To(BeNumerically(">", 5))
		})
	}
}

func TestAdversaryNeverReturnsAtlas404ForDeletion(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithDurations(atlastest.Durations{}))
	atlastest.NewAdversary(s, atlastest.AdversaryOptions{Seed: 3, Rate: 0.95, MaxDelay: time.Millisecond})
	mine := hurried(c)
	for i := range 150 {
		name := fmt.Sprint("h", i)
		s.PutConnection(project, atlastest.DefaultWorkspace, https(name))
		res, err := mine.try("DELETE", connections+"/"+name, nil)
		if err == nil && res.status == 404 && strings.HasPrefix(res.header.Get("Content-Type"), "application/json") {
			g.Expect(s.Connections(project, atlastest.DefaultWorkspace)).NotTo(ContainElement(HaveField("Name", name)))
		}
	}
}

func TestUnauthorizedFaultsSendAChallenge(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	s.Inject(atlastest.Fault{Operation: atlastest.OpListPrivateLinks, Times: 2, Status: 401, Detail: "gone"})
	res := c.get(links)
	g.Expect(res.header.Get("WWW-Authenticate")).To(ContainSubstring("invalid_token"))
	g.Expect(res.body).To(Equal(object{"error": 401.0, "reason": "Unauthorized", "detail": "gone"}))
	key := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	g.Expect(key.get(links).header.Get("WWW-Authenticate")).To(HavePrefix("Digest "))
	g.Expect(c.get(links).status).To(Equal(200))
	s.Inject(atlastest.Fault{Operation: atlastest.OpListPrivateLinks, Times: 1, Status: 401, ErrorCode: "USER_CANNOT_ACCESS_GROUP"})
	res = c.get(links)
	g.Expect(res.header).NotTo(HaveKey("Www-Authenticate"))
	g.Expect(res.code()).To(Equal("USER_CANNOT_ACCESS_GROUP"))
	s.Inject(atlastest.Fault{Operation: atlastest.OpListPrivateLinks, Times: 1, Status: 404, Detail: "Not found."})
	g.Expect(c.get(links).text).To(Equal(`{"detail":"Not found.","error":404,"reason":"Not Found"}`))
}
