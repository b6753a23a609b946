// Package atlas is a client of the calls of the MongoDB Atlas Administration API that this operator
// uses.
//
// Guarantees:
//
//   - One call ends within Options.Timeout, including token requests and retries of a read, and never outlives
//     its context.
//   - Only reads (GET) are retried. A write is sent once; IsOutcomeUnknown reports whether a failed one may have
//     reached Atlas. The exception is a write that Atlas rejected with a 401, which is sent again.
//   - Calls respect the rate limits that Atlas reports. A call that would wait longer than two seconds, or longer
//     than its context allows, is not sent and fails immediately with IsRateLimited and a RetryAfter.
//   - Every failed call returns an *Error. The Is... predicates classify it by Atlas's errorCode first, then by the
//     HTTP status, never by text. Invalid arguments and a closed client return other errors.
//   - No secret reaches a log line, an error or a formatted value. All secrets have the type Secret.
//   - No global state is changed: no default client, no default transport.
//
// The proxy comes from the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), and so do additional
// certificate authorities (SSL_CERT_FILE, SSL_CERT_DIR, on platforms where Go supports them).
// Redirects are not followed: Atlas sends none, and credentials must not reach another host.
package atlas
