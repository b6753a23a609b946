// Package credentials gets from the Secrets that resources name to clients of the Atlas Administration API: it reads
// and checks them, keeps one client for each, and remembers what a deletion may need after its Secret is gone.
package credentials
