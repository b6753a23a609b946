package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// PageSize is how many objects there are on each page of a list but the last: the maximum of itemsPerPage in the Atlas
// Administration API, which every list asks for.
const PageSize = 500

// maxPages bounds a list against a server that never comes to an end.
const maxPages = 200

// ListOption changes how a list is read.
type ListOption func(*call)

// UntilTotal ends the list where the count of all objects is reached that Atlas gives, and spares the empty page behind
// a last one that is full. Atlas may estimate the count: counted is set when the list ended by it, and then it does not
// prove that an object is not there.
func UntilTotal(counted *bool) ListOption {
	return func(c *call) { c.counted = counted }
}

func (c call) with(opts []ListOption) call {
	for _, apply := range opts {
		apply(&c)
	}
	return c
}

var errEndlessPages = errors.New("the pages of the list do not come to an end")

// list yields the objects of all pages, up to the first page that is not full.
// It never follows the links in an answer, which may lead elsewhere. Objects
// that move to a later page while the pages are read are yielded once.
func list[W, T any](ctx context.Context, c *Client, call call, convert func(W) (T, string)) iter.Seq2[T, error] {
	call.method, call.list = http.MethodGet, true
	return func(yield func(T, error) bool) {
		pages := &pager[W, T]{call: call, convert: convert, seen: map[string]bool{}}
		for number := 1; ; number++ {
			items, last, err := pages.next(ctx, c, number)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if last {
				return
			}
		}
	}
}

type pager[W, T any] struct {
	call    call
	convert func(W) (T, string)
	seen    map[string]bool
	// read counts the objects of all pages so far.
	read int
}

// next returns what is new on a page, and whether it is the last one.
func (p *pager[W, T]) next(ctx context.Context, c *Client, number int) (items []T, last bool, err error) {
	if p.call.answer.paged() {
		p.call.query = url.Values{
			"itemsPerPage": {strconv.Itoa(PageSize)},
			"pageNum":      {strconv.Itoa(number)},
		}
	}
	err = c.do(ctx, p.call, func(body []byte) error {
		results, total, err := p.call.answer.results(body)
		if err != nil {
			return err
		}
		if items, err = p.fresh(results); err != nil {
			return err
		}
		p.read += len(results)
		last = len(results) < PageSize || !p.call.answer.paged()
		if p.call.counted != nil && !last && total > 0 && p.read >= total {
			last, *p.call.counted = true, true
		}
		if !last && (len(items) == 0 || number == maxPages) {
			return errEndlessPages
		}
		return nil
	})
	return items, last, err
}

func (p *pager[W, T]) fresh(results []json.RawMessage) ([]T, error) {
	var items []T
	for _, raw := range results {
		var wire W
		if err := decode(raw, &wire); err != nil {
			return nil, err
		}
		item, id := p.convert(wire)
		if id == "" {
			// Skipped, it would count as absent.
			return nil, errUnexpectedJSON
		}
		if !p.seen[id] {
			p.seen[id] = true
			items = append(items, item)
		}
	}
	return items, nil
}
