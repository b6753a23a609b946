package atlastest

import (
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Option changes how a [Server] behaves.
type Option func(*config)

// Durations says how long an object stays in a state. Zero passes the state
// over, so that the next read already shows the following one.
type Durations struct {
	// Idle is how long a new private link is IDLE, before it is WORKING.
	Idle time.Duration
	// Working is how long a private link is WORKING, before it is DONE or FAILED.
	Working time.Duration
	// Pending is how long a connection over VPC, PRIVATE_LINK or TRANSIT_GATEWAY
	// is PENDING. Over PRIVATE_LINK it also waits for its link to be DONE.
	Pending time.Duration
	// DeleteRequested is how long a deleted private link is DELETE_REQUESTED.
	DeleteRequested time.Duration
	// Deleting is how long a deleted link or connection is DELETING, before it
	// answers 404.
	Deleting time.Duration
	// Initiating is how long a new private endpoint service is INITIATING.
	Initiating time.Duration
}

// Consistency delays what reads see.
type Consistency struct {
	// GetLag is how long after its creation an object still answers 404 to a
	// GET of its own.
	GetLag time.Duration
	// ListLag is how far lists lie in the past: a new object is missing, a
	// state is old, an object that is gone is still there.
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

// WithDurations sets how long states last. The default is a few tens of
// milliseconds each.
func WithDurations(d Durations) Option { return func(c *config) { c.durations = d } }

// WithClock makes the server take the time from now. [Server.Advance] still adds
// to it.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithManualClock stops the server's clock at start: it moves by
// [Server.Advance] only.
func WithManualClock(start time.Time) Option {
	return WithClock(func() time.Time { return start })
}

// WithLatency delays every answer by fixed and a random part of jitter, in real
// time. A request is carried out after the delay even when its client has gone
// away meanwhile, as a real service would.
func WithLatency(fixed, jitter time.Duration) Option {
	return func(c *config) { c.latency, c.latencyJitter = fixed, jitter }
}

// WithConsistency makes reads lag behind writes.
func WithConsistency(consistency Consistency) Option {
	return func(c *config) { c.consistency = consistency }
}

// WithRateLimit gives each project two token buckets of burst requests, refilled
// with perSecond requests a second of the server's clock: one for the endpoints
// of streams, one for those of private endpoint services. An empty bucket is
// answered 429 RATE_LIMITED_TOKEN_BUCKET with Retry-After.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(c *config) { c.ratePerSecond, c.rateBurst = perSecond, burst }
}

// WithTokenRateLimit allows each service account that many token requests a
// minute; more are answered 429 RATE_LIMITED. The default is no limit.
func WithTokenRateLimit(perMinute int) Option {
	return func(c *config) { c.tokensPerMinute = perMinute }
}

// WithTokenLifetime sets how long an access token is good for, in whole seconds
// of the server's clock. The default is one hour.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// WithTokenLimit sets how many live tokens a service account may have. The
// default is 100, as in Atlas; beyond it the token endpoint answers 403.
func WithTokenLimit(n int) Option { return func(c *config) { c.tokenLimit = n } }

// WithNonce sets how long a digest nonce is good for and how many requests it
// serves (0: no limit). Afterwards the server answers 401 with stale=true. The
// default is five minutes.
func WithNonce(lifetime time.Duration, uses int) Option {
	return func(c *config) { c.nonceLifetime, c.nonceUses = lifetime, uses }
}

// WithBodyLimit sets the largest request body in bytes; a larger one is answered
// 413. The default is 1 MiB.
func WithBodyLimit(n int64) Option { return func(c *config) { c.bodyLimit = n } }

// WithRequestLog sets how many requests the log keeps, the oldest go first. The
// default is 50,000.
func WithRequestLog(n int) Option { return func(c *config) { c.requestLogs = max(n, 1) } }

// WithAutoCreate makes unknown projects and workspaces come into being when a
// request names them.
func WithAutoCreate() Option { return func(c *config) { c.autoCreate = true } }

// WithoutDefaults starts without the default project, workspace and credentials.
func WithoutDefaults() Option { return func(c *config) { c.withoutDefaults = true } }

// WithUniquePrivateLinks refuses a private link that equals a live one of its
// project in all its fields: 400 STREAM_PRIVATE_LINK_ALREADY_EXISTS. By default
// both exist, which is the hazard a client has to avoid by itself.
func WithUniquePrivateLinks() Option { return func(c *config) { c.refuseDuplicateLinks = true } }

// WithSurplusPrivateLinkFields accepts fields of a private link that have no
// meaning for its provider and vendor. By default they are refused, so that a
// mistake is seen; what Atlas does with most of them is not documented. Fields
// that Atlas is known to refuse stay refused.
func WithSurplusPrivateLinkFields() Option { return func(c *config) { c.allowSurplusFields = true } }

// WithDeletablePending lets a Kafka connection be deleted while it is PENDING.
// By default that is 409 STREAM_KAFKA_CONNECTION_IS_DEPLOYING, as in Atlas.
func WithDeletablePending() Option { return func(c *config) { c.deletePendingAccepted = true } }

// WithAdmin serves the administration endpoints under /_simulator/. They have no
// authentication: whoever reaches the address can use them, except web pages.
func WithAdmin() Option { return func(c *config) { c.admin = true } }

// WithControlHosts lets the administration be reached by these host names too,
// that of a Kubernetes Service for instance. Without it, it answers to localhost
// and to the address that it is reached at.
func WithControlHosts(hosts ...string) Option {
	return func(c *config) {
		for _, host := range hosts {
			c.controlHosts = append(c.controlHosts, strings.ToLower(host))
		}
	}
}

// WithAddress sets the address to listen on. The default is a free port of
// 127.0.0.1.
func WithAddress(address string) Option { return func(c *config) { c.address = address } }

// WithListener serves on l, which the server closes.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithTLS serves HTTPS.
func WithTLS(cfg *tls.Config) Option { return func(c *config) { c.tls = cfg } }

// WithLogger logs every request without its body and credentials. The default
// is silence.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }
