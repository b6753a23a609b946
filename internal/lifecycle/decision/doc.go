// Package decision decides what to do with one resource, and what its status says. It is pure: everything that a
// decision rests on is in the [Observation], and nothing is read or written.
package decision
