package atlas

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// pages serves n numbered links with Atlas's paging.
func pages(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
		answer(w, 200, page(min((number-1)*size, n), min(number*size, n), n))
	}
}

func page(from, to, total int) string {
	var items []string
	for i := from; i < to; i++ {
		items = append(items, fmt.Sprintf(`{"_id":"%d"}`, i))
	}
	return fmt.Sprintf(`{"links":[{"href":"http://localhost:1/never","rel":"next"}],"results":[%s],"totalCount":%d}`, strings.Join(items, ","), total)
}

func TestListReadsToTheFirstShortPage(t *testing.T) {
	for n, calls := range map[int]int{0: 1, 1: 1, 499: 1, 500: 2, 501: 2, 1003: 3} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, pages(n))
			links, err := f.client(t).ListPrivateLinks(t.Context(), project, nil)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(links).To(HaveLen(n))
			for i := range n {
				g.Expect(links[strconv.Itoa(i)].ID).To(Equal(strconv.Itoa(i)))
			}
			g.Expect(f.seen()).To(HaveLen(calls))
			for i, call := range f.seen() {
				g.Expect(call.URI).To(HaveSuffix(fmt.Sprintf("?itemsPerPage=500&pageNum=%d", i+1)))
			}
		})
	}
}

func TestAListMayEndByItsCount(t *testing.T) {
	for n, want := range map[int]struct {
		calls   int
		counted bool
	}{0: {1, false}, 499: {1, false}, 500: {1, true}, 501: {2, false}, 1000: {2, true}} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, pages(n))
			counted := false
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, &counted))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(links).To(HaveLen(n))
			g.Expect(f.seen()).To(HaveLen(want.calls))
			g.Expect(counted).To(Equal(want.counted))
		})
	}
}

func TestAListWithoutACountGoesToItsEnd(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageNum") == "1" {
			answer(w, 200, page(0, 500, 0))
			return
		}
		answer(w, 200, page(500, 501, 0))
	})
	counted := false
	links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, &counted))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(links).To(HaveLen(501))
	g.Expect(f.seen()).To(HaveLen(2))
	g.Expect(counted).To(BeTrue(), "nothing tells whether it changed between its pages")
}

// A server may return fewer objects on a page than requested.
func TestShortPagesDoNotHideObjects(t *testing.T) {
	for _, counted := range []*bool{nil, new(bool)} {
		for n, calls := range map[int]int{0: 1, 99: 1, 100: 1, 150: 2, 250: 3, 300: 3} {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
				answer(w, 200, page(min((number-1)*100, n), min(number*100, n), n))
			})
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, counted))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(links).To(HaveLen(n))
			g.Expect(f.seen()).To(HaveLen(calls))
		}
	}
}

// A replica that lags may return less than it counts.
func TestListWithFewerObjectsThanItsCountIsReadAgain(t *testing.T) {
	for _, first := range []string{page(0, 0, 3), page(0, 2, 3)} {
		g := NewWithT(t)
		served := 0
		s := func(w http.ResponseWriter, r *http.Request) {
			if served++; served == 1 {
				answer(w, 200, first)
				return
			}
			pages(3)(w, r)
		}
		links, err := collect(serve(t, s).client(t).ListPrivateLinks(t.Context(), project, nil))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(links).To(HaveLen(3))

		served = 0
		counted := false
		_, err = serve(t, s).client(t).ListPrivateLinks(t.Context(), project, &counted)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(counted).To(BeTrue(), "it does not prove absence")
	}
}

// shifting is a list of links that changes while it is read: changes[n] is applied before the n-th page is served.
type shifting struct {
	links   []string
	changes map[int]func([]string) []string
	// total, if set, overrides the total count.
	total func(links int) int
	pages int
}

func (s *shifting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.pages++
	if change := s.changes[s.pages]; change != nil {
		s.links = change(slices.Clone(s.links))
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
	items := []string{}
	for _, id := range s.links[min((number-1)*PageSize, len(s.links)):min(number*PageSize, len(s.links))] {
		items = append(items, fmt.Sprintf(`{"_id":%q}`, id))
	}
	total := len(s.links)
	if s.total != nil {
		total = s.total(total)
	}
	answer(w, 200, fmt.Sprintf(`{"results":[%s],"totalCount":%d}`, strings.Join(items, ","), total))
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	return ids
}

// The changes that can happen while a list is read.
func drop(at int) func([]string) []string {
	return func(l []string) []string { return slices.Delete(l, at, at+1) }
}

func put(at int, id string) func([]string) []string {
	return func(l []string) []string {
		if at < 0 {
			at = len(l)
		}
		return slices.Insert(l, at, id)
	}
}

func both(first, second func([]string) []string) func([]string) []string {
	return func(l []string) []string { return second(first(l)) }
}

// An object that exists throughout a read is in the list, regardless of other changes.
func TestListContainsEveryPermanentObject(t *testing.T) {
	type changes = map[int]func([]string) []string
	stale, none := func(int) int { return 1100 }, func(int) int { return 0 }
	permanent := map[string]bool{}
	for _, id := range numbered(1098) {
		permanent[id] = true
	}
	for name, tc := range map[string]struct {
		changes changes
		total   func(int) int
		pages   int // pages read
	}{
		"nothing happens":                        {nil, nil, 3},
		"one goes":                               {changes{2: drop(7)}, nil, 3 + 3},
		"one goes late":                          {changes{3: drop(7)}, nil, 3 + 3},
		"one goes twice":                         {changes{2: drop(7), 5: drop(7)}, nil, 3 + 3 + 3},
		"one goes, and the count lags behind":    {changes{2: drop(7)}, stale, 4 + 4 + 4},
		"the count is an estimate":               {nil, stale, 4 + 4},
		"nothing happens, and there is no count": {nil, none, 3 + 3},
		"one goes, and there is no count":        {changes{2: drop(7)}, none, 3 + 3 + 3},
		"one comes at the end":                   {changes{2: put(-1, "new")}, nil, 3 + 3},
		"one comes at the end, again and again":  {changes{2: put(-1, "a"), 3: put(-1, "b"), 5: put(-1, "c"), 6: put(-1, "d")}, nil, 3 + 3},
		"one comes at the beginning":             {changes{2: put(0, "new")}, nil, 3 + 3},
		"one goes and two come":                  {changes{2: both(drop(7), both(put(-1, "a"), put(-1, "b")))}, nil, 3 + 3},
		"one goes and two come, again":           {changes{2: both(drop(7), both(put(-1, "a"), put(-1, "b"))), 5: both(drop(7), both(put(-1, "c"), put(-1, "d")))}, nil, 3 + 3 + 3},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := &shifting{links: numbered(1098), changes: tc.changes, total: tc.total}
			if tc.total == nil {
				s.links = numbered(1100)
			}
			f := serve(t, s.ServeHTTP)
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, nil))
			g.Expect(err).NotTo(HaveOccurred())
			ids := map[string]bool{}
			for _, link := range links {
				if ids[link.ID] {
					t.Errorf("%s comes twice", link.ID)
				}
				ids[link.ID] = true
			}
			for _, id := range s.links {
				if permanent[id] && !ids[id] {
					t.Errorf("%s is missing", id)
				}
			}
			g.Expect(s.pages).To(Equal(tc.pages))
		})
	}
}

func TestConstantlyChangingListFails(t *testing.T) {
	g := NewWithT(t)
	changes := map[int]func([]string) []string{}
	for page := range 100 {
		changes[page] = drop(0)
	}
	s := &shifting{links: numbered(1400), changes: changes}
	_, err := collect(serve(t, s.ServeHTTP).client(t).ListPrivateLinks(t.Context(), project, nil))
	g.Expect(Class(err)).To(Equal("list keeps changing"))
	g.Expect(IsUnavailable(err)).To(BeTrue())
	g.Expect(s.pages).To(Equal(3 * maxReadings))
}

// A routine read is not repeated and reports that it does not prove absence.
func TestChangedRoutineListDoesNotProveAbsence(t *testing.T) {
	for name, change := range map[string]func([]string) []string{"one goes": drop(7), "one comes": put(0, "new")} {
		g := NewWithT(t)
		s := &shifting{links: numbered(1100), changes: map[int]func([]string) []string{2: change}}
		counted := false
		_, err := collect(serve(t, s.ServeHTTP).client(t).ListPrivateLinks(t.Context(), project, &counted))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(counted).To(BeTrue(), name)
		g.Expect(s.pages).To(Equal(3))
	}
}

func TestListThatFails(t *testing.T) {
	for name, tc := range map[string]struct {
		api   http.HandlerFunc
		calls int
		class string
	}{
		"on its second page": {
			func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("pageNum") == "1" {
					pages(600)(w, r)
					return
				}
				answer(w, 403, refusal(403, "NO", ""))
			}, 2, "HTTP 403 NO",
		},
		"the same page for ever": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, page(0, 500, 500)) }, 2, "endless list",
		},
		"without results":       {always(200, `{"links":[]}`), 1, "unexpected JSON"},
		"with null for results": {always(200, `{"results":null}`), 1, "unexpected JSON"},
		"an object without id":  {always(200, `{"results":[{"_id":"a"},{"state":"DONE"}]}`), 1, "unexpected JSON"},
		"a bare array":          {always(200, `[]`), 1, "unexpected JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, tc.api)
			links, err := f.client(t).ListPrivateLinks(t.Context(), project, nil)
			g.Expect(Class(err)).To(Equal(tc.class))
			g.Expect(links).To(BeEmpty())
			g.Expect(f.seen()).To(HaveLen(tc.calls))
		})
	}
}

func TestListIsBounded(t *testing.T) {
	g := NewWithT(t)
	next := 0
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, page(next, next+PageSize, 0))
		next += PageSize
	})
	_, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, nil))
	g.Expect(Class(err)).To(Equal("endless list"))
	g.Expect(IsUnavailable(err)).To(BeTrue())
	g.Expect(f.seen()).To(HaveLen(maxPages))
}
