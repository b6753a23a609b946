package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

const (
	// pageSize is the most that Atlas gives per page.
	pageSize = 500
	// maxPages bounds a list against a server that never comes to an end.
	maxPages = 1000
)

var errEndlessPages = errors.New("the pages of the list do not come to an end")

type pageWire[W any] struct {
	// Results is a pointer: an answer without the member is not an empty page.
	Results *[]W `json:"results"`
}

// list yields the objects of all pages, up to the first page that is not full.
// It never follows the links in an answer, which may lead elsewhere. Objects
// that move to a later page while the pages are read are yielded once.
func list[W, T any](ctx context.Context, c *Client, call call, convert func(W) (T, string)) iter.Seq2[T, error] {
	call.method = http.MethodGet
	return func(yield func(T, error) bool) {
		var zero T
		seen := map[string]bool{}
		for number := 1; ; number++ {
			page, err := listPage(ctx, c, call, number, convert)
			if err != nil {
				yield(zero, err)
				return
			}
			before := len(seen)
			for _, item := range page {
				if seen[item.id] {
					continue
				}
				seen[item.id] = true
				if !yield(item.object, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			if len(seen) == before || number == maxPages {
				yield(zero, fmt.Errorf("%s: %w", call.operation, errEndlessPages))
				return
			}
		}
	}
}

type listed[T any] struct {
	object T
	id     string
}

func listPage[W, T any](ctx context.Context, c *Client, call call, number int, convert func(W) (T, string)) ([]listed[T], error) {
	call.query = url.Values{
		"itemsPerPage": {strconv.Itoa(pageSize)},
		"pageNum":      {strconv.Itoa(number)},
	}
	var page []listed[T]
	err := c.do(ctx, call, func(body []byte) error {
		var wire pageWire[json.RawMessage]
		if err := decode(body, &wire); err != nil {
			return err
		}
		if wire.Results == nil {
			return errUnexpectedJSON
		}
		for _, raw := range *wire.Results {
			var w W
			if err := decode(raw, &w); err != nil {
				return err
			}
			object, id := convert(w)
			if id == "" {
				// Skipped, it would count as absent.
				return errUnexpectedJSON
			}
			page = append(page, listed[T]{object, id})
		}
		return nil
	})
	return page, err
}
