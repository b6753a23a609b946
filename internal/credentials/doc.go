// Package credentials creates clients of the Atlas Administration API from the Secrets of resources. It reads and
// validates Secrets, keeps one client per credentials, and remembers what a deletion may need after its Secret is
// deleted.
package credentials
