package lifecycle

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
)

// Options are the settings of all controllers.
type Options struct {
	// Atlas are the settings of the clients for the Atlas API.
	Atlas atlas.Options
	// DefaultCredentials is the Secret for resources without credentialsRef; empty means none.
	DefaultCredentials types.NamespacedName
	// DefaultCredentialsNamespaces may use the default credentials, beside the Secret's own namespace; "*" is all.
	DefaultCredentialsNamespaces []string
	// WatchNamespaces are the namespaces that the manager watches; none means all.
	WatchNamespaces []string
	// LabelSelector is the shard of resources that the manager handles; nil means all.
	LabelSelector labels.Selector
	// PendingPollInterval is how often objects that are not ready are polled.
	PendingPollInterval time.Duration
	// SteadyPollInterval is how often ready objects are polled.
	SteadyPollInterval time.Duration
	// MaxConcurrentReconciles per kind.
	MaxConcurrentReconciles int
	// Recorder receives what happens, for metrics; nil for none.
	Recorder MetricsRecorder
	// Clock is the time; tests set their own.
	Clock clock.WithDelayedExecution
}

// settle is the time after which the outcome of a write shows in a list: twice the longest call.
func (o Options) settle() time.Duration { return 2 * o.Atlas.Timeout }

func (o Options) defaults() credentials.Defaults {
	return credentials.Defaults{Name: o.DefaultCredentials, Namespaces: o.DefaultCredentialsNamespaces}
}
