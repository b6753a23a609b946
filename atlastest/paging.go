package atlastest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
)

const (
	defaultPageSize = 100
	maxPageSize     = 500
)

// page returns one page of results and encodes only these. Its link has a host inside Atlas, as links of Atlas may
// have: clients must not follow them.
func page[T any](c *call, results []T, answer func(T) any) (int, any, *apiError) {
	listed, err := pageOf(c, results)
	if err != nil {
		return 0, nil, err
	}
	items := make([]any, len(listed))
	for i, result := range listed {
		items[i] = answer(result)
	}
	body := map[string]any{
		"links": []any{map[string]any{
			"href": "http://localhost:8080" + c.request.URL.RequestURI(),
			"rel":  "self",
		}},
		"results": items,
	}
	if c.query.Get("includeCount") != "false" {
		body["totalCount"] = len(results)
	}
	return http.StatusOK, body, nil
}

// pageOf returns the results of the requested page, never nil.
func pageOf[T any](c *call, results []T) ([]T, *apiError) {
	number, err := c.intQuery("pageNum", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	size, err := c.intQuery("itemsPerPage", defaultPageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	begin := min((number-1)*size, len(results))
	end := min(begin+size, len(results))
	c.view.last = end == len(results)
	return append([]T{}, results[begin:end]...), nil
}

func (c *call) intQuery(name string, standard, highest int) (int, *apiError) {
	if !c.query.Has(name) {
		return standard, nil
	}
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 1 || n > highest {
		return 0, invalid(FieldError{name, fmt.Sprintf("must be between 1 and %d", highest)})
	}
	return n, nil
}
