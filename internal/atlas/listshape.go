package atlas

import (
	"bytes"
	"encoding/json"
	"strconv"
)

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
