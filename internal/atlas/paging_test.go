package atlas

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// pages answers with n numbered links, as Atlas pages them.
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
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(links).To(HaveLen(n))
			for i, link := range links {
				g.Expect(link.ID).To(Equal(strconv.Itoa(i)))
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
			links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, UntilTotal(&counted)))
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
	links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project, UntilTotal(&counted)))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(links).To(HaveLen(501))
	g.Expect(counted).To(BeFalse())
}

func TestListStopsWhereItsReaderDoes(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, pages(1003))
	for link, err := range f.client(t).ListPrivateLinks(t.Context(), project) {
		g.Expect(err).NotTo(HaveOccurred())
		if link.ID == "2" {
			break
		}
	}
	g.Expect(f.seen()).To(HaveLen(1))
}

func TestListCanBeReadAgain(t *testing.T) {
	g := NewWithT(t)
	seq := serve(t, pages(3)).client(t).ListPrivateLinks(t.Context(), project)
	for range 2 {
		links, err := collect(seq)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(links).To(HaveLen(3))
	}
}

func TestListYieldsAMovedObjectOnce(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageNum") == "1" {
			answer(w, 200, page(0, 500, 502))
			return
		}
		answer(w, 200, page(499, 502, 502))
	})
	links, err := collect(f.client(t).ListPrivateLinks(t.Context(), project))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(links).To(HaveLen(502))
}

func TestListThatFails(t *testing.T) {
	for name, tc := range map[string]struct {
		api          http.HandlerFunc
		items, calls int
		class        string
	}{
		"on its second page": {
			func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("pageNum") == "1" {
					pages(600)(w, r)
					return
				}
				answer(w, 403, refusal(403, "NO", ""))
			}, 500, 2, "HTTP 403 NO",
		},
		"the same page for ever": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, page(0, 500, 500)) }, 500, 2, "endless list",
		},
		"without results":       {always(200, `{"links":[]}`), 0, 1, "unexpected JSON"},
		"with null for results": {always(200, `{"results":null}`), 0, 1, "unexpected JSON"},
		"an object without id":  {always(200, `{"results":[{"_id":"a"},{"state":"DONE"}]}`), 0, 1, "unexpected JSON"},
		"a bare array":          {always(200, `[]`), 0, 1, "unexpected JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, tc.api)
			items, failures := 0, []error{}
			for _, err := range f.client(t).ListPrivateLinks(t.Context(), project) {
				if err != nil {
					failures = append(failures, err)
					continue
				}
				items++
			}
			g.Expect(failures).To(HaveLen(1))
			g.Expect(Class(failures[0])).To(Equal(tc.class))
			g.Expect(items).To(Equal(tc.items))
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
	_, err := collect(f.client(t).ListPrivateLinks(t.Context(), project))
	g.Expect(Class(err)).To(Equal("endless list"))
	g.Expect(IsUnavailable(err)).To(BeTrue())
	g.Expect(f.seen()).To(HaveLen(maxPages))
}
