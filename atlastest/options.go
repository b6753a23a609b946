package atlastest

import (
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Option configures a [Server].
type Option func(*config)

// Durations configures how long an object stays in a state. Zero skips the state: the next read shows the following
// one.
type Durations struct {
	// Idle is the time of a new private link in IDLE, before WORKING.
	Idle time.Duration
	// Working is the time of a private link in WORKING, before DONE or FAILED.
	Working time.Duration
	// Pending is the time of a connection over VPC, PRIVATE_LINK or TRANSIT_GATEWAY in PENDING. Over PRIVATE_LINK it
	// also waits until its link is DONE.
	Pending time.Duration
	// DeleteRequested is the time of a deleted private link in DELETE_REQUESTED.
	DeleteRequested time.Duration
	// Deleting is the time of a deleted link or connection in DELETING, before 404.
	Deleting time.Duration
	// Initiating is the time of a new private endpoint service in INITIATING.
	Initiating time.Duration
}

// Consistency delays the effect of writes on reads.
type Consistency struct {
	// GetLag is how long after its creation a GET of an object returns 404.
	GetLag time.Duration
	// ListLag is the age of the state that lists show: new objects are missing, states are old, and deleted objects
	// are still listed.
	ListLag time.Duration
}

const (
	defaultTokenLifetime = time.Hour
	defaultTokenLimit    = 100
	defaultNonceLifetime = 5 * time.Minute
	defaultBodyLimit     = 1 << 20
	defaultLogSize       = 50_000
)

type config struct {
	durations   Durations
	consistency Consistency
	now         func() time.Time

	latency, latencyJitter time.Duration

	ratePerSecond float64
	rateBurst     int

	tokenLifetime   time.Duration
	tokenLimit      int
	tokensPerMinute int
	nonceLifetime   time.Duration
	nonceUses       int

	bodyLimit   int64
	requestLogs int

	autoCreate            bool
	withoutDefaults       bool
	refuseDuplicateLinks  bool
	allowSurplusFields    bool
	deletePendingAccepted bool
	admin                 bool
	controlHosts          []string

	address  string
	listener net.Listener
	tls      *tls.Config
	logger   *slog.Logger
}

func newConfig(opts []Option) config {
	cfg := config{
		durations: Durations{
			Idle:            50 * time.Millisecond,
			Working:         50 * time.Millisecond,
			Pending:         50 * time.Millisecond,
			DeleteRequested: 25 * time.Millisecond,
			Deleting:        25 * time.Millisecond,
			Initiating:      50 * time.Millisecond,
		},
		now:           time.Now,
		tokenLifetime: defaultTokenLifetime,
		tokenLimit:    defaultTokenLimit,
		nonceLifetime: defaultNonceLifetime,
		bodyLimit:     defaultBodyLimit,
		requestLogs:   defaultLogSize,
		address:       "127.0.0.1:0",
		logger:        slog.New(slog.DiscardHandler),
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	return cfg
}

// WithDurations sets the duration of states. The default is a few tens of milliseconds each.
func WithDurations(d Durations) Option { return func(c *config) { c.durations = d } }

// WithClock makes the server use now as its clock. [Server.Advance] is added to it.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithManualClock stops the server's clock at start. Only [Server.Advance] moves it.
func WithManualClock(start time.Time) Option {
	return WithClock(func() time.Time { return start })
}

// WithLatency delays every response by fixed plus a random part of jitter, in real time. The request is executed after
// the delay, even if the client has gone away.
func WithLatency(fixed, jitter time.Duration) Option {
	return func(c *config) { c.latency, c.latencyJitter = fixed, jitter }
}

// WithConsistency makes reads lag behind writes.
func WithConsistency(consistency Consistency) Option {
	return func(c *config) { c.consistency = consistency }
}

// WithRateLimit gives each project two token buckets of burst requests, refilled with perSecond requests per second of
// the server's clock: one for streams, one for private endpoint services. With an empty bucket, requests fail with 429
// RATE_LIMITED_TOKEN_BUCKET and Retry-After.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(c *config) { c.ratePerSecond, c.rateBurst = perSecond, burst }
}

// WithTokenRateLimit limits the token requests of each service account per minute. Further ones fail with 429
// RATE_LIMITED. The default is no limit.
func WithTokenRateLimit(perMinute int) Option {
	return func(c *config) { c.tokensPerMinute = perMinute }
}

// WithTokenLifetime sets the lifetime of an access token, in whole seconds of the server's clock. The default is one
// hour.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// WithTokenLimit sets the maximum number of valid tokens of a service account. The default is 100, as in Atlas. At the
// limit, the token endpoint returns 403.
func WithTokenLimit(n int) Option { return func(c *config) { c.tokenLimit = n } }

// WithNonce sets the lifetime of a digest nonce and its maximum number of uses (0: no limit). Afterwards the server
// returns 401 with stale=true. The default is five minutes.
func WithNonce(lifetime time.Duration, uses int) Option {
	return func(c *config) { c.nonceLifetime, c.nonceUses = lifetime, uses }
}

// WithBodyLimit sets the maximum size of a request body in bytes. Larger ones fail with 413. The default is 1 MiB.
func WithBodyLimit(n int64) Option { return func(c *config) { c.bodyLimit = n } }

// WithRequestLog sets the maximum number of requests in the log. The oldest are dropped. The default is 50,000.
func WithRequestLog(n int) Option { return func(c *config) { c.requestLogs = max(n, 1) } }

// WithAutoCreate creates unknown projects and workspaces when a request names them.
func WithAutoCreate() Option { return func(c *config) { c.autoCreate = true } }

// WithoutDefaults starts without the default project, workspace and credentials.
func WithoutDefaults() Option { return func(c *config) { c.withoutDefaults = true } }

// WithUniquePrivateLinks rejects a private link that equals a live one of its project in all fields: 400
// STREAM_PRIVATE_LINK_ALREADY_EXISTS. By default both exist, and clients must avoid duplicates themselves.
func WithUniquePrivateLinks() Option { return func(c *config) { c.refuseDuplicateLinks = true } }

// WithSurplusPrivateLinkFields accepts fields of a private link that have no meaning for its provider and vendor. By
// default they are rejected to reveal mistakes; Atlas's handling of most of them is undocumented. Fields that Atlas is
// known to reject are rejected with this option too.
func WithSurplusPrivateLinkFields() Option { return func(c *config) { c.allowSurplusFields = true } }

// WithDeletablePending allows deleting a Kafka connection that is PENDING. By default this fails with 409
// STREAM_KAFKA_CONNECTION_IS_DEPLOYING, as in Atlas.
func WithDeletablePending() Option { return func(c *config) { c.deletePendingAccepted = true } }

// WithAdmin serves the administration API under /_simulator/. It has no authentication: all clients that reach the
// address can use it, except web pages.
func WithAdmin() Option { return func(c *config) { c.admin = true } }

// WithControlHosts allows additional host names for the administration API, such as that of a Kubernetes Service. By
// default only localhost and the address of the connection are allowed.
func WithControlHosts(hosts ...string) Option {
	return func(c *config) {
		for _, host := range hosts {
			c.controlHosts = append(c.controlHosts, strings.ToLower(host))
		}
	}
}

// WithAddress sets the listen address. The default is a free port of 127.0.0.1.
func WithAddress(address string) Option { return func(c *config) { c.address = address } }

// WithListener serves on l. The server closes it.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithTLS serves HTTPS.
func WithTLS(cfg *tls.Config) Option { return func(c *config) { c.tls = cfg } }

// WithLogger logs every request without its body and credentials. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }
