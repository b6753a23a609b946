package operatortest

import (
	"k8s.io/client-go/rest"

	"github.com/atlasstreams/operator/atlastest"
)

// Option changes what Start starts.
type Option func(*config)

type config struct {
	into      *rest.Config
	given     bool
	flags     []string
	simulator []atlastest.Option
}

// fast are the flags of a manager that waits for a simulator, not for Atlas. No port is fixed.
var fast = []string{
	"--pending-poll-interval=50ms", "--steady-poll-interval=500ms", "--atlas-request-timeout=1s",
	"--metrics-bind-address=0", "--health-probe-bind-address=0",
	"--zap-encoder=console", "--zap-time-encoding=rfc3339", "--zap-stacktrace-level=panic",
}

// Into takes an API server that runs already, such as that of an envtest.Environment. The CustomResourceDefinitions are
// installed or updated there, and stay. No other manager may look after the same namespaces. It has to run until the stack
// has ended, see [Stack.Stop].
func Into(cfg *rest.Config) Option {
	return func(c *config) { c.into, c.given = cfg, true }
}

// ManagerFlags are flags of the manager, as on its command line: "--watch-namespaces=shop", "--zap-log-level=debug".
// By default it polls Atlas every 50 ms, 500 ms for what is ready, and gives a call to Atlas one second
// (--atlas-request-timeout): give it more than the latency of the simulator.
func ManagerFlags(flags ...string) Option {
	return func(c *config) { c.flags = append(c.flags, flags...) }
}

// Simulator are options of the simulator of Atlas.
func Simulator(opts ...atlastest.Option) Option {
	return func(c *config) { c.simulator = append(c.simulator, opts...) }
}
