package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// PageSize is the number of objects on each page but the last: the maximum of itemsPerPage in the
// Atlas Administration API.
const PageSize = 500

const (
	// maxPages limits a list whose server never returns a last page.
	maxPages = 200
	// maxReadings limits how often a list is read again because it changed while it was read.
	maxReadings = 3
)

var (
	errEndlessPages = errors.New("the pages of the list do not come to an end")
	errMovingPages  = errors.New("the list changed each time while its pages were read")
)

// list reads a list until no object that exists throughout can be missing, and returns it by Key. If
// an object is deleted between two pages, another one moves from the later page to the one already
// read. Links in responses are not followed, because they may lead to other hosts.
//
// If counted is not nil, the list may end at the total count that Atlas reports, which saves the empty
// page after a full last page, or have changed between its pages. Counted is set in both cases: the
// list then does not prove the absence of an object.
func list[T identified](ctx context.Context, c *Client, call call, counted *bool) (map[string]*T, error) {
	call.method, call.list = http.MethodGet, true
	var before *reading[T]
	for range maxReadings {
		r := &reading[T]{call: call, counted: counted, items: map[string]*T{}}
		if err := r.pages(ctx, c); err != nil {
			return nil, err
		}
		switch {
		case !r.moved():
			return r.items, nil
		case counted != nil:
			*counted = true
			return r.items, nil
		case before != nil && r.continues(before):
			maps.Copy(before.items, r.items)
			return before.items, nil // includes objects deleted since
		}
		before = r
	}
	e := &Error{Operation: call.operation, Method: call.method, URL: c.base.String() + call.path.escaped, StatusCode: http.StatusOK}
	return nil, e.because(errMovingPages, &redactor{})
}

// reading is one run through a list from its first page to its last.
type reading[T identified] struct {
	call call
	// counted is set if the list ended at its total.
	counted *bool
	items   map[string]*T // by identity
	ids     []string      // in page order; an object that moved is listed twice
	earlier int           // number of ids before the last page
	count   int           // total of the first page, -1 if absent
	// recounted is set if another page reported another total.
	recounted bool
	// number is the current page, from 1.
	number int
}

func (r *reading[T]) pages(ctx context.Context, c *Client) error {
	for last := false; !last; {
		r.number++
		if !r.call.unpaged {
			r.call.query = url.Values{
				"itemsPerPage": {strconv.Itoa(PageSize)},
				"pageNum":      {strconv.Itoa(r.number)},
			}
		}
		err := c.do(ctx, r.call, func(body []byte) (err error) {
			last, err = r.take(body)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// take adds a page and reports whether it is the last one.
func (r *reading[T]) take(body []byte) (last bool, err error) {
	results, total, err := r.call.results(body)
	if err != nil {
		return false, err
	}
	if r.number == 1 {
		r.count = total
	}
	r.recounted = r.recounted || r.count != total
	before := len(r.items)
	r.earlier = len(r.ids)
	if err := r.add(results); err != nil {
		return false, err
	}
	// A server may return shorter pages than requested. Then the total shows that there are more.
	last = r.call.unpaged || len(results) < PageSize && (len(r.ids) >= total || len(r.items) == before)
	if r.counted != nil && !last && total > 0 && len(r.ids) >= total {
		last, *r.counted = true, true
	}
	if !last && (len(r.items) == before || r.number == maxPages) {
		return false, errEndlessPages
	}
	return last, nil
}

func (r *reading[T]) add(results []json.RawMessage) error {
	for _, raw := range results {
		// If an object without an identity were skipped, it would be treated as absent.
		item, err := decodeObject[T](raw)
		if err != nil {
			return err
		}
		r.ids = append(r.ids, item.Key())
		r.items[item.Key()] = &item
	}
	return nil
}

// moved reports whether objects may have been added or removed between the pages. A change that keeps
// the count is not detected, because Atlas offers no means for it.
func (r *reading[T]) moved() bool {
	return r.recounted || len(r.items) < len(r.ids) || (r.count > 0 || r.number > 1) && len(r.ids) != r.count
}

// continues reports whether all pages but the last are unchanged. Then no object moved between
// pages; at most some were added at the end, or the count is an estimate.
func (r *reading[T]) continues(before *reading[T]) bool {
	return len(r.ids) >= before.earlier && slices.Equal(r.ids[:before.earlier], before.ids[:before.earlier])
}

// results returns the objects of a page and the total count, -1 if absent.
func (c call) results(body []byte) (objects []json.RawMessage, total int, err error) {
	if c.array && bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		err := decode(body, &objects)
		return objects, -1, err
	}
	var page struct {
		// Results is a pointer, because a response without the member is not an empty page.
		Results    *[]json.RawMessage `json:"results"`
		TotalCount text               `json:"totalCount"`
	}
	if err := decode(body, &page); err != nil {
		return nil, 0, err
	}
	if page.Results == nil {
		return nil, 0, errUnexpectedJSON
	}
	if total, err = strconv.Atoi(string(page.TotalCount)); err != nil {
		total = -1 // a non-numeric total is ignored
	}
	if total > len(*page.Results) && c.unpaged {
		// Objects that are not in the response would be treated as absent.
		return nil, 0, errUnexpectedJSON
	}
	return *page.Results, total, nil
}
