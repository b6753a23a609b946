// Package atlastest is a stateful simulator of the part of the MongoDB Atlas Administration API that manages Atlas
// Stream Processing: streams private link connections, stream workspaces and their connection registry, read-only
// access to related resources (projects, account details and the private endpoint services of clusters), and
// authentication with service accounts and API keys.
//
// Use it like net/http/httptest:
//
//	srv := atlastest.NewServer(t)
//	client := srv.Client()       // trusts the server's certificate, if it has one
//	base := srv.URL              // instead of https://cloud.mongodb.com
//
// A new server has [DefaultProjectID] with [DefaultWorkspace] and accepts [DefaultClientID] with [DefaultClientSecret]
// (OAuth client credentials) and [DefaultPublicKey] with [DefaultPrivateKey] (HTTP digest).
//
// Objects change their state over time: a private link passes through IDLE and WORKING before it is DONE, a connection
// over a private link stays PENDING until that link is DONE, a deletion is asynchronous. States are computed from
// timestamps on access. A test that injects a clock ([WithClock], [WithManualClock]) controls the time
// ([Server.Advance]) and does not need to sleep.
//
// Faults are injected on demand: [Server.Inject] disturbs responses and connections, [Server.InjectReads] the results
// of reads, and an [Adversary] does both at random.
//
// The simulator is strict where Atlas is documented or known to be strict, and where a mistake would otherwise go
// unnoticed: it rejects unknown members, methods, paths and media types. Where Atlas is undocumented, the simulator
// chooses a behaviour; comments name these choices.
//
// A [Server] is safe for concurrent use.
package atlastest
