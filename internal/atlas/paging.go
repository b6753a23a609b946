package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
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

// ListOption changes how a list is read.
type ListOption func(*call)

// UntilTotal ends the list at the total count that Atlas reports, which saves the empty page after
// a full last page. It also accepts a list that changed between its pages. Counted is set in both
// cases: the list then does not prove the absence of an object.
func UntilTotal(counted *bool) ListOption {
	return func(c *call) { c.counted = counted }
}

func (c call) with(opts []ListOption) call {
	for _, apply := range opts {
		apply(&c)
	}
	return c
}

var (
	errEndlessPages = errors.New("the pages of the list do not come to an end")
	errMovingPages  = errors.New("the list changed each time while its pages were read")
)

// list yields the objects of all pages, up to the first page that is not full. It does not follow
// links in responses, which may lead to other hosts.
func list[T identified](ctx context.Context, c *Client, call call) iter.Seq2[T, error] {
	call.method, call.list = http.MethodGet, true
	return func(yield func(T, error) bool) {
		items, err := readList[T](ctx, c, call)
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// readList reads a list until no object that exists throughout can be missing. If an object is
// deleted between two pages, another one moves from the later page to the one already read.
func readList[T identified](ctx context.Context, c *Client, call call) ([]T, error) {
	var before *reading[T]
	for range maxReadings {
		r := &reading[T]{call: call, items: map[string]T{}}
		if err := r.pages(ctx, c); err != nil {
			return nil, err
		}
		switch {
		case !r.moved():
			return all(r), nil
		case call.counted != nil:
			*call.counted = true
			return all(r), nil
		case before != nil && r.continues(before):
			return all(r, before), nil // includes objects deleted since
		}
		before = r
	}
	e := &Error{Operation: call.operation, Method: call.method, URL: c.base.String() + call.path.escaped, StatusCode: http.StatusOK}
	return nil, e.because(errMovingPages, &redactor{})
}

// listShape is the form of a list response.
type listShape int

const (
	// pagedObject is an object with the page in its member "results".
	pagedObject listShape = iota
	// pagedArray is an array that holds the page.
	pagedArray
	// bareArray is an array that holds the whole list. The call has no page parameters.
	bareArray
)

func (s listShape) paged() bool { return s != bareArray }

type pageWire struct {
	// Results is a pointer, because a response without the member is not an empty page.
	Results    *[]json.RawMessage `json:"results"`
	TotalCount text               `json:"totalCount"`
}

// results returns the objects of a body and the total count, -1 if absent. If an array is expected,
// the object form is accepted too.
func (s listShape) results(body []byte) (objects []json.RawMessage, total int, err error) {
	if s != pagedObject && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		var items []json.RawMessage
		err := decode(body, &items)
		return items, -1, err
	}
	var page pageWire
	if err := decode(body, &page); err != nil {
		return nil, 0, err
	}
	if page.Results == nil {
		return nil, 0, errUnexpectedJSON
	}
	if total, err = strconv.Atoi(string(page.TotalCount)); err != nil {
		total = -1 // a non-numeric total is ignored
	}
	if total > len(*page.Results) && !s.paged() {
		// The call has no pages: objects that are not in the response would be treated as absent.
		return nil, 0, errUnexpectedJSON
	}
	return *page.Results, total, nil
}
