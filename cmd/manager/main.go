// Command manager runs the controllers of atlas-streams-operator.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/atlasstreams/operator/internal/manager"
)

// version is set at build time.
var version = "dev"

func main() {
	o := &manager.Options{}
	o.Bind(flag.CommandLine)
	showVersion := flag.Bool("version", false, "Print the version and exit.")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}
	if err := o.Validate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	setLoggers(o.Logger())
	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		ctrl.Log.Error(err, "Manager ended")
		os.Exit(1)
	}
}

// setLoggers makes the loggers of all libraries write to the manager's log.
func setLoggers(logger logr.Logger) {
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("klog"))
	// Also Go's standard log, which the metrics server uses for failed TLS handshakes.
	slog.SetDefault(slog.New(logr.ToSlogHandler(logger.WithName("go"))))
}

// run serves until ctx ends.
func run(ctx context.Context, o *manager.Options) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the API server: %w", err)
	}
	mgr, err := manager.New(ctx, config, o, manager.Host{
		Version: version, Logger: ctrl.Log, MetricsFilter: metricsFilter,
	})
	if err != nil {
		return err
	}
	ctrl.Log.Info("Starting manager", "version", version, "atlasBaseURL", o.AtlasBaseURL())
	return mgr.Start(ctx)
}
