// Package atlas is a client of the calls of the MongoDB Atlas Administration
// API that this operator uses.
//
// What it promises:
//
//   - One call ends within Options.Timeout, the fetching of a token and the
//     repeats of a read counted in, and never outlives its context.
//   - Only reads (GET) are repeated. A write goes out once; IsOutcomeUnknown
//     says whether a failed one may have reached Atlas all the same. What is
//     sent again is a write that Atlas refused for its authentication (401).
//   - Calls keep to the rate limits that Atlas reports. One that would have to
//     wait longer than two seconds, or than its context, is not sent and fails
//     at once: IsRateLimited, with a time to come back.
//   - Every failure of a call is an *Error, judged by the Is... predicates:
//     by Atlas's errorCode first, then by the HTTP status, never by text. An
//     argument that cannot be sent, and a closed client, are other errors.
//   - No secret reaches a log line, an error or a formatted value. Secret is
//     the type of all of them.
//   - Nothing outside the Client is changed: no default client, no default
//     transport, no global.
//
// The proxy comes from the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY) and
// so do additional certificate authorities (SSL_CERT_FILE, SSL_CERT_DIR, where
// the platform's Go honours them). Redirects are not followed: Atlas sends
// none, and credentials must not travel to another host.
package atlas
