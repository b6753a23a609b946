package atlas

import (
	"context"
	"errors"
	"iter"
	"net/http"
)

// PageSize is how many objects there are on each page of a list but the last: the maximum of itemsPerPage in the Atlas
// Administration API, which every list asks for.
const PageSize = 500

const (
	// maxPages bounds a list against a server that never comes to an end.
	maxPages = 200
	// maxReadings bounds how often a list is read that changes while it is read.
	maxReadings = 3
)

// ListOption changes how a list is read.
type ListOption func(*call)

// UntilTotal ends the list where the count of all objects is reached that Atlas gives, and spares the empty page behind
// a last one that is full; and it takes the list as it is when something moved between its pages. Counted is set where
// either was so: the list then does not prove that an object is not there.
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

// list yields the objects of all pages, up to the first page that is not full.
// It never follows the links in an answer, which may lead elsewhere.
func list[W, T any](ctx context.Context, c *Client, call call, convert func(W) (T, string)) iter.Seq2[T, error] {
	call.method, call.list = http.MethodGet, true
	return func(yield func(T, error) bool) {
		items, err := readList(ctx, c, call, convert)
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

// readList reads a list until nothing that is there all the time can be missing: an object that is deleted on one page
// while the next is read moves another one from the next page to the one that was read before.
func readList[W, T any](ctx context.Context, c *Client, call call, convert func(W) (T, string)) ([]T, error) {
	var before *reading[W, T]
	for range maxReadings {
		r := &reading[W, T]{call: call, convert: convert, items: map[string]T{}}
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
			return all(r, before), nil // with those that have gone since
		}
		before = r
	}
	e := &Error{Operation: call.operation, Method: call.method, URL: c.base.String() + call.path.escaped, StatusCode: http.StatusOK}
	e.setCause(errMovingPages, &redactor{})
	return nil, e
}
