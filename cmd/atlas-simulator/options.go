package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/atlasstreams/operator/atlastest"
)

type options struct {
	listen                           string
	tlsCert, tlsKey, tlsCertOut      string
	tlsSelfSigned                    bool
	tlsNames, controlHosts           list
	projects, workspaces, failMatch  list
	credentialsFile                  string
	idle, working, pending, deleting time.Duration
	initiating                       time.Duration
	latency, latencyJitter           time.Duration
	rateLimit                        float64
	rateBurst                        int
	autoCreate, logRequests          bool
	control                          bool
	failVendor, failMessage          string
}

// list is a repeatable flag.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

const usage = `atlas-simulator is a stateful simulator of the MongoDB Atlas Administration API
for Atlas Stream Processing: private links, connections, workspaces, private endpoint
services and both ways to log in.

Without --project and --workspace there is one project with one workspace, without
--credentials-file a service account and an API key; both are printed.

Example:
  echo '{"serviceAccounts":{"mdb_sa_id_demo":"demo-secret"}}' > credentials.json
  atlas-simulator --workspace 65f1c0de0000000000000001/streams \
    --credentials-file credentials.json --idle 2s --working 5s --fail-vendor MSK

Flags:
`

func parseFlags(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("atlas-simulator", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	o.register(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: everything is a flag", fs.Arg(0))
	}
	return o, o.validate()
}

func (o *options) register(fs *flag.FlagSet) {
	fs.StringVar(&o.listen, "listen", "127.0.0.1:8085", "`address` to listen on; port 0 picks a free one")
	fs.StringVar(&o.tlsCert, "tls-cert", "", "serve HTTPS with the certificate chain in this PEM `file`")
	fs.StringVar(&o.tlsKey, "tls-key", "", "PEM `file` with the private key of --tls-cert")
	fs.BoolVar(&o.tlsSelfSigned, "tls-self-signed", false, "serve HTTPS with a certificate made at start")
	fs.Var(&o.tlsNames, "tls-name", "further host `name` or IP of the certificate made at start (repeatable)")
	fs.StringVar(&o.tlsCertOut, "tls-cert-out", "", "write the certificate made at start to this PEM `file`, for clients to trust")
	fs.Var(&o.controlHosts, "control-host", "further host `name` by which /_simulator/ may be reached, such as that of a Service (repeatable)")
	fs.Var(&o.projects, "project", "project `id`, 24 hex digits (repeatable)")
	fs.Var(&o.workspaces, "workspace", "stream workspace as `project/name` (repeatable)")
	fs.StringVar(&o.credentialsFile, "credentials-file", "",
		`JSON file with {"serviceAccounts": {"id": "secret"}, "apiKeys": {"public": "private"}}`)
	fs.DurationVar(&o.idle, "idle", time.Second, "how long a new private link is IDLE")
	fs.DurationVar(&o.working, "working", 3*time.Second, "how long a private link is WORKING before it is DONE")
	fs.DurationVar(&o.pending, "pending", 2*time.Second, "how long a connection that is not PUBLIC is PENDING")
	fs.DurationVar(&o.deleting, "deleting", 2*time.Second, "how long a deletion takes")
	fs.DurationVar(&o.initiating, "initiating", 2*time.Second, "how long a new private endpoint service is INITIATING")
	fs.DurationVar(&o.latency, "latency", 0, "delay of every answer")
	fs.DurationVar(&o.latencyJitter, "latency-jitter", 0, "random part added to the delay")
	fs.Float64Var(&o.rateLimit, "rate-limit", 0, "requests per second, project and endpoint set (0: no limit)")
	fs.IntVar(&o.rateBurst, "rate-burst", 100, "requests that may come at once, with --rate-limit")
	fs.BoolVar(&o.autoCreate, "auto-create", false, "let unknown projects and workspaces come into being when they are named")
	fs.StringVar(&o.failVendor, "fail-vendor", "", "make private links of this `vendor` end FAILED")
	fs.Var(&o.failMatch, "fail-match", "make private links with this `field=value` end FAILED; * stands for any text;\nseveral must all agree (repeatable)")
	fs.StringVar(&o.failMessage, "fail-message", "The endpoint service rejected the connection (simulated).",
		"errorMessage of links that are made to fail")
	fs.BoolVar(&o.control, "control", true, "serve the control interface under /_simulator/; it has no authentication")
	fs.BoolVar(&o.logRequests, "log-requests", false, "log every request to stderr, without bodies and secrets")
}

func (o *options) validate() error {
	switch {
	case (o.tlsCert == "") != (o.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key need each other")
	case o.tlsCert != "" && o.tlsSelfSigned:
		return errors.New("--tls-cert and --tls-self-signed exclude each other")
	case (o.tlsCertOut != "" || len(o.tlsNames) > 0) && !o.tlsSelfSigned:
		return errors.New("--tls-cert-out and --tls-name need --tls-self-signed")
	case min(o.idle, o.working, o.pending, o.deleting, o.initiating, o.latency, o.latencyJitter) < 0:
		return errors.New("durations must not be negative")
	case o.rateLimit < 0 || o.rateLimit > 0 && o.rateBurst < 1:
		return errors.New("--rate-limit must not be negative and --rate-burst must be at least 1")
	}
	return o.validateLists()
}

func (o *options) validateLists() error {
	for _, w := range o.workspaces {
		if project, name, ok := strings.Cut(w, "/"); !ok || !isProjectID(project) || name == "" || strings.Contains(name, "/") {
			return fmt.Errorf("--workspace %q: must be project/name with a project id of 24 hex digits", w)
		}
	}
	for _, p := range o.projects {
		if !isProjectID(p) {
			return fmt.Errorf("--project %q: must be 24 hex digits", p)
		}
	}
	for _, m := range o.failMatch {
		if field, value, ok := strings.Cut(m, "="); !ok || field == "" || value == "" {
			return fmt.Errorf("--fail-match %q: must be field=value", m)
		}
	}
	return nil
}

func isProjectID(s string) bool {
	return len(s) == 24 && strings.Trim(s, "0123456789abcdef") == ""
}

// usesDefaults reports whether the default credentials, which are public, are in use.
func (o *options) usesDefaults() bool { return o.credentialsFile == "" }

func (o *options) serverOptions(logger *slog.Logger) ([]atlastest.Option, error) {
	opts := []atlastest.Option{
		atlastest.WithControlHosts(slices.Concat(o.controlHosts, o.tlsNames)...),
		atlastest.WithoutDefaults(),
		atlastest.WithDurations(atlastest.Durations{
			Idle: o.idle, Working: o.working, Pending: o.pending,
			DeleteRequested: o.deleting / 2, Deleting: o.deleting - o.deleting/2,
			Initiating: o.initiating,
		}),
		atlastest.WithLatency(o.latency, o.latencyJitter),
		atlastest.WithRateLimit(o.rateLimit, o.rateBurst),
	}
	if o.control {
		opts = append(opts, atlastest.WithAdmin())
	}
	if o.autoCreate {
		opts = append(opts, atlastest.WithAutoCreate())
	}
	if logger != nil {
		opts = append(opts, atlastest.WithLogger(logger))
	}
	tlsConfig, err := o.tlsConfig()
	if err != nil {
		return nil, err
	}
	if tlsConfig != nil {
		opts = append(opts, atlastest.WithTLS(tlsConfig))
	}
	return opts, nil
}

func (o *options) seed(server *atlastest.Server, c *credentialsFile) {
	for _, p := range o.projects {
		server.AddProject(p)
	}
	for _, w := range o.workspaces {
		project, name, _ := strings.Cut(w, "/")
		server.AddWorkspace(project, name)
	}
	if len(o.projects)+len(o.workspaces) == 0 && !o.autoCreate {
		server.AddWorkspace(atlastest.DefaultProjectID, atlastest.DefaultWorkspace)
	}
	c.add(server)
	match := map[string]string{}
	if o.failVendor != "" {
		match["vendor"] = o.failVendor
	}
	for _, m := range o.failMatch {
		field, value, _ := strings.Cut(m, "=")
		match[field] = value
	}
	if len(match) > 0 {
		server.FailPrivateLinks(match, o.failMessage)
	}
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: choose another address with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return l, nil
}
