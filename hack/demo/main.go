// Command demo runs the operator on one machine: a real Kubernetes API server, the Atlas simulator and the manager,
// with samples applied by kubectl. `make demo` builds and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// exitInterrupted is a shell's exit code for a program that was ended by Ctrl-C.
const exitInterrupted = 130

// errInterrupted means that the user ended the demo before it was complete.
var errInterrupted = errors.New("interrupted")

type options struct {
	exit          bool
	samples       string
	simulatorPort int
	timeout       time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The second Ctrl-C kills the demo and its children.
	context.AfterFunc(ctx, stop)

	// Errors of libraries about the stopping control plane would only garble the table.
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())

	opts := parseFlags()
	err := newDemo(opts, os.Stdout).run(ctx)
	switch {
	case err == nil:
	case errors.Is(err, errInterrupted):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitInterrupted)
	default:
		fmt.Fprintf(os.Stderr, "\nerror: %v\n", err)
		os.Exit(1)
	}
}

func parseFlags() options {
	var opts options
	flag.BoolVar(&opts.exit, "exit", false,
		"end by itself: delete everything again, and fail unless all became Ready and Atlas is empty")
	flag.StringVar(&opts.samples, "samples", defaultSamples, "manifests to apply: a file, a directory or a kustomization")
	flag.IntVar(&opts.simulatorPort, "simulator-port", 0, "port of the Atlas simulator; 0 takes a free one")
	flag.DurationVar(&opts.timeout, "timeout", 2*time.Minute, "how long the resources may take to become Ready, or to be deleted")
	flag.Parse()
	return opts
}
