package manager

import (
	"flag"
	"io"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/internal/atlas"
)

// parse parses a command line as main does.
func parse(t *testing.T, args ...string) (*Options, error) {
	t.Helper()
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	o := &Options{}
	o.Bind(flags)
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	return o, o.Validate()
}

func TestDefaults(t *testing.T) {
	g := NewWithT(t)
	o, err := parse(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(o.lifecycle.Atlas.BaseURL).To(Equal(atlas.DefaultBaseURL))
	g.Expect(o.lifecycle.Atlas.Timeout).To(Equal(30 * time.Second))
	g.Expect(o.lifecycle.PendingPollInterval).To(Equal(15 * time.Second))
	g.Expect(o.lifecycle.SteadyPollInterval).To(Equal(10 * time.Minute))
	g.Expect(o.lifecycle.MaxConcurrentReconciles).To(Equal(10))
	g.Expect(o.ctrl.Metrics.BindAddress).To(Equal(":8443"))
	g.Expect(o.ctrl.Metrics.SecureServing).To(BeTrue())
	g.Expect(o.ctrl.HealthProbeBindAddress).To(Equal(":8081"))
	g.Expect(o.ctrl.LeaderElection).To(BeFalse())
	g.Expect(*o.ctrl.LeaseDuration).To(Equal(15 * time.Second))
	g.Expect(*o.ctrl.RenewDeadline).To(Equal(10 * time.Second))
	g.Expect(*o.ctrl.RetryPeriod).To(Equal(2 * time.Second))
	g.Expect(o.lifecycle.DefaultCredentials.Name).To(BeZero())
	g.Expect(o.lifecycle.LabelSelector).To(BeNil())
}

func TestValidation(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		// complaint is the expected error about the one wrong flag; empty if all are valid.
		complaint string
	}{
		"a plain URL":                   {[]string{"--atlas-base-url=http://localhost:8080/prefix"}, ""},
		"no scheme":                     {[]string{"--atlas-base-url=cloud.mongodb.com"}, "--atlas-base-url"},
		"another scheme":                {[]string{"--atlas-base-url=ftp://cloud.mongodb.com"}, "--atlas-base-url"},
		"no host":                       {[]string{"--atlas-base-url=https://"}, "--atlas-base-url"},
		"no URL":                        {[]string{"--atlas-base-url=://"}, "--atlas-base-url"},
		"only a port":                   {[]string{"--atlas-base-url=https://:8443"}, "--atlas-base-url"},
		"a URL with a password":         {[]string{"--atlas-base-url=https://ops:planted@cloud.mongodb.com"}, "--atlas-base-url"},
		"no timeout":                    {[]string{"--atlas-request-timeout=0"}, "--atlas-request-timeout"},
		"a negative timeout":            {[]string{"--atlas-request-timeout=-1s"}, "--atlas-request-timeout"},
		"not a duration":                {[]string{"--atlas-request-timeout=soon"}, "atlas-request-timeout"},
		"no pending poll":               {[]string{"--pending-poll-interval=0"}, "--pending-poll-interval"},
		"no steady poll":                {[]string{"--steady-poll-interval=0"}, "--steady-poll-interval"},
		"no lease duration":             {[]string{"--leader-election-lease-duration=0"}, "--leader-election-lease-duration"},
		"no renew deadline":             {[]string{"--leader-election-renew-deadline=0"}, "--leader-election-renew-deadline"},
		"no retry period":               {[]string{"--leader-election-retry-period=0"}, "--leader-election-retry-period"},
		"a name of the Lease":           {[]string{"--leader-election-id=streams.ops"}, ""},
		"no name of a Lease":            {[]string{"--leader-election-id=Streams/Ops"}, "--leader-election-id"},
		"no worker":                     {[]string{"--max-concurrent-reconciles=0"}, "--max-concurrent-reconciles"},
		"default credentials":           {[]string{"--default-credentials=ops/atlas"}, ""},
		"default credentials, no slash": {[]string{"--default-credentials=atlas"}, "--default-credentials"},
		"default credentials, no name":  {[]string{"--default-credentials=ops/"}, "--default-credentials"},
		"default credentials, nowhere":  {[]string{"--default-credentials=/atlas"}, "--default-credentials"},
		"default credentials, two":      {[]string{"--default-credentials=ops/atlas/x"}, "--default-credentials"},
		"their namespaces without them": {[]string{"--default-credentials-namespaces=shop"}, "--default-credentials-namespaces"},
		"their namespaces":              {[]string{"--default-credentials=ops/atlas", "--default-credentials-namespaces=*"}, ""},
		"a selector":                    {[]string{"--watch-label-selector=shard in (a, b),!old"}, ""},
		"a selector that is none":       {[]string{"--watch-label-selector=shard in a"}, "--watch-label-selector"},
		"namespaces":                    {[]string{"--watch-namespaces=shop, stock"}, ""},
		"namespaces with a wildcard":    {[]string{"--watch-namespaces=*"}, "--watch-namespaces"},
		"a namespace that is none":      {[]string{"--watch-namespaces=shop,Stock"}, "--watch-namespaces"},
		"an unknown flag":               {[]string{"--unknown"}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := parse(t, c.args...)
			if c.complaint == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(And(ContainSubstring(c.complaint), Not(ContainSubstring("planted")))))
		})
	}
}

func TestEveryWrongFlagIsNamedAtOnce(t *testing.T) {
	_, err := parse(t, "--atlas-base-url=x", "--max-concurrent-reconciles=0", "--default-credentials=x")
	NewWithT(t).Expect(err).To(MatchError(And(
		ContainSubstring("--atlas-base-url"), ContainSubstring("--max-concurrent-reconciles"), ContainSubstring("--default-credentials"))))
}

func TestDefaultCredentialsName(t *testing.T) {
	o, err := parse(t, "--default-credentials=ops/atlas")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(o.lifecycle.DefaultCredentials.Name).To(Equal(types.NamespacedName{Namespace: "ops", Name: "atlas"}))
}

func TestItems(t *testing.T) {
	g := NewWithT(t)
	for list, want := range map[string][]string{
		"": nil, " ": nil, ",": nil, "a": {"a"}, "a,b": {"a", "b"}, " a , ,b, ": {"a", "b"}, "*": {"*"},
	} {
		g.Expect(items(list)).To(Equal(want), "%q", list)
	}
}
