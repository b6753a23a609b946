// Package atlastest is a stateful simulator of the part of the MongoDB Atlas
// Administration API that manages Atlas Stream Processing: streams private link
// connections, stream workspaces and their connection registry, what surrounds
// them (projects, account details and the private endpoint services of clusters,
// all to be read), and the service account and API key authentication in front.
//
// It is used in the manner of net/http/httptest:
//
//	srv := atlastest.NewServer(t)
//	client := srv.Client()       // trusts the server's certificate, if it has one
//	base := srv.URL              // instead of https://cloud.mongodb.com
//
// A new server holds [DefaultProjectID] with [DefaultWorkspace] and accepts
// [DefaultClientID] with [DefaultClientSecret] (OAuth client credentials) and
// [DefaultPublicKey] with [DefaultPrivateKey] (HTTP digest).
//
// Objects live: a private link passes IDLE and WORKING before it is DONE, a
// connection over a private link stays PENDING until that link is DONE, a
// deletion is asynchronous. States are computed from timestamps when somebody
// looks, so a test that injects a clock ([WithClock], [WithManualClock]) decides
// when time passes ([Server.Advance]) and never has to sleep.
//
// Things go wrong on demand: [Server.Inject] spoils answers and connections,
// [Server.InjectReads] what reads show, and an [Adversary] does all of it at
// random.
//
// The simulator is strict where Atlas is documented or known to be strict and
// where a mistake would otherwise pass unseen: unknown members, methods, paths
// and media types are refused. What real Atlas does in places that are not
// documented is a choice made here; such choices are named where they are made.
//
// A [Server] is safe for use by several goroutines.
package atlastest
