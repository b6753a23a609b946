// Package lifecycle brings Atlas in line with resources of any kind.
//
// A reconciliation observes (observe.go), decides without any I/O what to do (package decision), sends at most one write
// to Atlas (create.go, change.go) and writes the status once (status.go). What differs between kinds is in Kind and Remote;
// the kinds are in internal/kinds.
//
// The promises: an object is never made twice, because a claim is written to the status before every POST and an
// unknown outcome is resolved by lists and time; an object is never lost, because the finalizer is there before the
// first write and goes only when the object is certainly absent; an error is never taken for absence.
package lifecycle
