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
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// version is set at build time.
var version = "dev"

func main() {
	o := &options{}
	o.bind(flag.CommandLine)
	showVersion := flag.Bool("version", false, "Print the version and exit.")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}
	if err := o.validate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	o.logLevel() // settled before the logger takes it
	setLoggers(zap.New(zap.UseFlagOptions(&o.zap)))
	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		ctrl.Log.Error(err, "Manager ended")
		os.Exit(1)
	}
}

// setLoggers makes every logger that libraries use write to the manager's log.
func setLoggers(logger logr.Logger) {
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("klog"))
	// Go's standard log too, which the server of the metrics uses for failed TLS handshakes.
	slog.SetDefault(slog.New(logr.ToSlogHandler(logger.WithName("go"))))
}

// run serves until ctx ends, and then gives back what Atlas keeps for us.
func run(ctx context.Context, o *options) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the API server: %w", err)
	}
	mgr, controllers, err := newManager(ctx, config, o)
	if err != nil {
		return err
	}
	ctrl.Log.Info("Starting manager", "version", version, "atlasBaseURL", o.atlasBaseURL)
	err = mgr.Start(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	if closeErr := controllers.Close(closing); closeErr != nil {
		// Nothing is lost: a token that was not given back expires within the hour.
		ctrl.Log.Info("Could not give all tokens back to Atlas", "failure", closeErr.Error())
	}
	return err
}
