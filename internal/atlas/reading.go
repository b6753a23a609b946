package atlas

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// reading is one run through a list from its first page to its last.
type reading[T identified] struct {
	call  call
	items map[string]T // by identity
	ids   []string     // in page order; an object that moved is listed twice
	count int          // total of the first page, -1 if absent
	// recounted is set if another page reported another total.
	recounted bool
	// number is the current page, from 1.
	number int
}

func (r *reading[T]) pages(ctx context.Context, c *Client) error {
	for last := false; !last; {
		r.number++
		if r.call.answer.paged() {
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
	results, total, err := r.call.answer.results(body)
	if err != nil {
		return false, err
	}
	if r.number == 1 {
		r.count = total
	}
	r.recounted = r.recounted || r.count != total
	before := len(r.items)
	for _, raw := range results {
		if err := r.add(raw); err != nil {
			return false, err
		}
	}
	last = len(results) < PageSize || !r.call.answer.paged()
	if r.call.counted != nil && !last && total > 0 && len(r.ids) >= total {
		last, *r.call.counted = true, true
	}
	if !last && (len(r.items) == before || r.number == maxPages) {
		return false, errEndlessPages
	}
	return last, nil
}

func (r *reading[T]) add(raw json.RawMessage) error {
	// If an object without an identity were skipped, it would be treated as absent.
	item, err := decodeObject[T](raw)
	if err != nil {
		return err
	}
	id := item.Key()
	r.ids = append(r.ids, id)
	r.items[id] = item
	return nil
}

// moved reports whether objects were added or removed between the pages. A change that keeps the
// count is not detected, because Atlas offers no means for it.
func (r *reading[T]) moved() bool {
	if r.number == 1 {
		return false
	}
	return r.recounted || len(r.items) < len(r.ids) || r.count > 0 && len(r.ids) != r.count
}

// continues reports whether all pages but the last are unchanged. Then no object moved between
// pages; at most some were added at the end, or the count is an estimate.
func (r *reading[T]) continues(before *reading[T]) bool {
	full := (before.number - 1) * PageSize
	return len(r.ids) >= full && slices.Equal(r.ids[:full], before.ids[:full])
}

// all merges the objects of these readings. The first reading that has an object wins.
func all[T identified](readings ...*reading[T]) []T {
	items := make([]T, 0, len(readings[0].items))
	taken := map[string]bool{}
	for _, r := range readings {
		for _, id := range r.ids {
			if !taken[id] {
				taken[id] = true
				items = append(items, r.items[id])
			}
		}
	}
	return items
}
