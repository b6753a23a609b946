package manager

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// Options holds the command line flags of the manager.
type Options struct {
	// What needs no conversion is bound in the options that it belongs to.
	ctrl      ctrl.Options
	lifecycle lifecycle.Options

	defaultCredentials           string
	defaultCredentialsNamespaces string
	watchNamespaces              string
	watchLabelSelector           string

	zap   zap.Options
	flags *flag.FlagSet
}

// Bind registers every flag except --kubeconfig, which controller-runtime registers.
func (o *Options) Bind(flags *flag.FlagSet) {
	flags.StringVar(&o.lifecycle.Atlas.BaseURL, "atlas-base-url", atlas.DefaultBaseURL, "`URL` of the Atlas Administration API, without /api.")
	flags.DurationVar(&o.lifecycle.Atlas.Timeout, "atlas-request-timeout", atlas.DefaultTimeout, "Timeout of one call to Atlas. The outcome of an unanswered creation is taken as settled after twice this.")
	flags.StringVar(&o.defaultCredentials, "default-credentials", "", "Secret (`NAMESPACE/NAME`) with Atlas credentials for resources without credentialsRef. None when empty.")
	flags.StringVar(&o.defaultCredentialsNamespaces, "default-credentials-namespaces", "", "Namespaces that may use the default credentials beside the Secret's own, comma separated; * for all. The Secret must then list projectIds.")
	flags.StringVar(&o.watchNamespaces, "watch-namespaces", "", "Namespaces to watch, comma separated; all when empty.")
	flags.StringVar(&o.watchLabelSelector, "watch-label-selector", "", "Handle only resources of our kinds with these labels. Shard by project: all resources of a project in one shard.")
	flags.DurationVar(&o.lifecycle.PendingPollInterval, "pending-poll-interval", 15*time.Second, "Interval between reads of objects that are not ready; also the ceiling of the early polls.")
	flags.DurationVar(&o.lifecycle.SteadyPollInterval, "steady-poll-interval", 10*time.Minute, "Interval between reads of objects that are ready.")
	flags.IntVar(&o.lifecycle.MaxConcurrentReconciles, "max-concurrent-reconciles", 10, "Maximum number of concurrent reconciliations per kind and workspace (per project for links).")
	flags.StringVar(&o.ctrl.Metrics.BindAddress, "metrics-bind-address", ":8443", "Address of the metrics endpoint; 0 switches it off.")
	flags.BoolVar(&o.ctrl.Metrics.SecureServing, "metrics-secure", true, "Serve metrics over HTTPS, to callers that the API server authenticates and authorizes.")
	flags.StringVar(&o.ctrl.Metrics.CertDir, "metrics-cert-path", "", "`directory` with tls.crt and tls.key of the metrics endpoint, read again when they change. A self-signed certificate when empty.")
	flags.StringVar(&o.ctrl.HealthProbeBindAddress, "health-probe-bind-address", ":8081", "Address of /healthz and /readyz; 0 switches them off.")
	flags.StringVar(&o.ctrl.PprofBindAddress, "pprof-bind-address", "0", "Address of Go's profiles, for finding out what the manager is busy with; 0 switches them off. Not protected: bind it to 127.0.0.1.")
	flags.BoolVar(&o.ctrl.LeaderElection, "leader-elect", false, "Let only one of several managers be active at a time.")
	flags.StringVar(&o.ctrl.LeaderElectionID, "leader-election-id", "", "`name` of the Lease; made from the watched namespaces and labels when empty. Managers with the same Lease take turns: keep the name when the scope changes.")
	flags.StringVar(&o.ctrl.LeaderElectionNamespace, "leader-election-namespace", "", "Namespace of the Lease; the pod's when empty. Needed outside a cluster.")
	o.ctrl.LeaseDuration, o.ctrl.RenewDeadline, o.ctrl.RetryPeriod = new(time.Duration), new(time.Duration), new(time.Duration)
	flags.DurationVar(o.ctrl.LeaseDuration, "leader-election-lease-duration", 15*time.Second, "How long others wait before they take over a Lease that is not renewed.")
	flags.DurationVar(o.ctrl.RenewDeadline, "leader-election-renew-deadline", 10*time.Second, "How long the leader tries to renew before it gives up.")
	flags.DurationVar(o.ctrl.RetryPeriod, "leader-election-retry-period", 2*time.Second, "How long to wait between tries.")
	o.zap.BindFlags(flags)
	o.flags = flags
}

// Validate converts the flags that need it, and reports all invalid ones at once.
func (o *Options) Validate() error {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if _, err := atlas.ParseBaseURL(o.lifecycle.Atlas.BaseURL); err != nil {
		complain("--atlas-base-url: want http(s)://host[:port]: %w", err)
	}
	o.flags.VisitAll(func(f *flag.Flag) {
		if value, ok := f.Value.(flag.Getter); ok {
			if d, ok := value.Get().(time.Duration); ok && d <= 0 {
				complain("--%s %s: want a positive duration", f.Name, d)
			}
		}
	})
	if wrong := validation.IsDNS1123Subdomain(o.ctrl.LeaderElectionID); o.ctrl.LeaderElectionID != "" && len(wrong) > 0 {
		complain("--leader-election-id %q: %s", o.ctrl.LeaderElectionID, strings.Join(wrong, "; "))
	}
	if o.lifecycle.MaxConcurrentReconciles < 1 {
		complain("--max-concurrent-reconciles %d: want at least 1", o.lifecycle.MaxConcurrentReconciles)
	}
	o.convert(complain)
	return errors.Join(problems...)
}

// convert stores what a flag says in the options that it belongs to.
func (o *Options) convert(complain func(format string, args ...any)) {
	if o.defaultCredentials != "" {
		namespace, name, _ := strings.Cut(o.defaultCredentials, "/")
		if namespace == "" || name == "" || strings.Contains(name, "/") {
			complain("--default-credentials %q: want NAMESPACE/NAME", o.defaultCredentials)
		}
		o.lifecycle.DefaultCredentials.Name = client.ObjectKey{Namespace: namespace, Name: name}
	} else if o.defaultCredentialsNamespaces != "" {
		complain("--default-credentials-namespaces: needs --default-credentials")
	}
	if o.watchLabelSelector != "" { // nil selects all
		var err error
		if o.lifecycle.LabelSelector, err = labels.Parse(o.watchLabelSelector); err != nil {
			complain("--watch-label-selector: %w", err)
		}
	}
	if o.zap.Level == nil { // the flag makes one that can be changed while the manager runs, too
		o.zap.Level = uberzap.NewAtomicLevelAt(zapcore.InfoLevel)
		if o.zap.Development {
			o.zap.Level = uberzap.NewAtomicLevelAt(zapcore.DebugLevel)
		}
	}
	o.lifecycle.DefaultCredentials.Namespaces = items(o.defaultCredentialsNamespaces)
	o.lifecycle.WatchNamespaces = items(o.watchNamespaces)
	for _, namespace := range o.lifecycle.WatchNamespaces {
		if wrong := validation.IsDNS1123Label(namespace); len(wrong) > 0 { // the API server would list nothing, and not say why
			complain("--watch-namespaces %q: %s", namespace, strings.Join(wrong, "; "))
		}
	}
}

// AtlasBaseURL returns the base URL of Atlas.
func (o *Options) AtlasBaseURL() string { return o.lifecycle.Atlas.BaseURL }

// items splits a comma-separated list.
func items(list string) []string {
	var found []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			found = append(found, item)
		}
	}
	return found
}
