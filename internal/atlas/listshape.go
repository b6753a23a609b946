package atlas

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// listShape is how a call answers with a list.
type listShape int

const (
	// pagedObject is an object with the page in its member results.
	pagedObject listShape = iota
	// pagedArray is an array that holds the page.
	pagedArray
	// bareArray is an array that holds the whole list. The call knows no pages
	// and takes no parameters for them.
	bareArray
)

func (s listShape) paged() bool { return s != bareArray }

type pageWire struct {
	// Results is a pointer: an answer without the member is not an empty page.
	Results    *[]json.RawMessage `json:"results"`
	TotalCount text               `json:"totalCount"`
}

// results takes the objects out of a body, and Atlas's count of all objects, -1
// where there is none. Where an array is due, the object that other lists answer
// with is taken as well.
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
		total = -1 // no number is no count
	}
	if total > len(*page.Results) && !s.paged() {
		// There is no call for the rest, and it would count as absent.
		return nil, 0, errUnexpectedJSON
	}
	return *page.Results, total, nil
}
