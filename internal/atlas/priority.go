package atlas

import "net/http"

// priority orders the calls of a project that wait for the rate limit. Calls of equal priority are
// served in order of arrival. A call precedes only those of lower priority that arrived shortly
// before it.
type priority int

const (
	// priorityList is the priority of lists, which serve polls.
	priorityList priority = iota + 1
	// priorityRead is the priority of reading one object.
	priorityRead
	// priorityWrite is the priority of POST, PATCH and DELETE, and of reservations.
	priorityWrite
)

func (c call) priority() priority {
	switch {
	case c.method != http.MethodGet:
		return priorityWrite
	case c.list:
		return priorityList
	default:
		return priorityRead
	}
}
