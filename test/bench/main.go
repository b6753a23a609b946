// Command bench measures what the operator costs: requests to Atlas, writes to the API server, time, memory and CPU. It
// runs the real manager, a process of its own, against a real API server and the Atlas simulator, prints a table, writes
// it to a JSON file and ends with status 1 when a limit is missed. `make bench` builds what it needs and runs it;
// docs/benchmark.md says how it counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

var (
	errMissed = errors.New("a limit is missed")
	errSystem = errors.New("memory and CPU are read from /proc, which only Linux has")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends us at once

	// The libraries' own complaints about a control plane that goes away would only break the table.
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())

	o, err := parseOptions(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(2)
	case o.polling.baseURL != "":
		err = o.polling.run(ctx)
	case o.markdown != "":
		err = printMarkdown(os.Stdout, o.markdown)
	default:
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nerror: %v\n", err)
		os.Exit(1)
	}
}

// run measures the chosen sections, one after another, each with a control plane, an Atlas and a manager of its own.
func run(ctx context.Context, o options) error {
	if runtime.GOOS != "linux" {
		return errSystem
	}
	r := newReport(o)
	if err := r.Machine.learn(ctx, o.manager); err != nil {
		return err
	}
	progress := newProgress(os.Stdout)
	var failures []error
	for _, s := range sections {
		if !o.wants(s.name) {
			continue
		}
		progress.begin(s)
		result := r.section(s)
		if err := s.run(ctx, &bench{options: o, result: result, progress: progress}); err != nil {
			result.fail(err)
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
		result.end()
		writeTable(os.Stdout, result.Rows)
		// After each section, so that what was measured is there whatever happens to the rest.
		if err := r.save(o.json); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Fprintf(os.Stdout, "\n%s\nwritten to %s\n", r.summary(), o.json)
	if len(failures) == 0 && r.missed() > 0 {
		return errMissed
	}
	return errors.Join(failures...)
}
