package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// latency is what each call to Atlas takes.
const latency = 20 * time.Millisecond

// options are the command line.
type options struct {
	links, connections int
	storm              int
	scale              int
	idle               time.Duration
	outage             time.Duration
	only               []string
	json               string
	manager            string
	markdown           string

	polling polling
}

// parseOptions reads the command line. A size of 0 means that the section's own default is to be used.
func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.links, "links", 1000, "`number` of private links of the section links")
	flags.IntVar(&o.connections, "connections", 1000, "`number` of connections, in one workspace, of the section connections")
	flags.IntVar(&o.storm, "storm", 2000, "`number` of objects, half links and half connections, of the section storm")
	flags.IntVar(&o.scale, "scale", 10_000, "`number` of objects over 10 projects and 40 workspaces of the section scale")
	flags.DurationVar(&o.idle, "idle", 30*time.Second, "how long an idle manager is watched")
	flags.DurationVar(&o.outage, "outage", time.Minute, "how long Atlas is away")
	flags.StringVar(&only, "only", "", "run these sections only, comma separated: "+strings.Join(sectionNames(), ", "))
	flags.StringVar(&o.json, "json", "bin/bench.json", "`file` to write the results to")
	flags.StringVar(&o.manager, "manager", "bin/manager", "`program` to measure")
	flags.StringVar(&o.markdown, "markdown", "", "measure nothing: print the results in this `file` as docs/benchmark.md shows them")
	o.polling.bind(flags)
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	o.only = strings.FieldsFunc(only, func(r rune) bool { return r == ',' || r == ' ' })
	return o, o.validate()
}

func (o *options) validate() error {
	var problems []error
	for _, name := range o.only {
		if !slices.Contains(sectionNames(), name) {
			problems = append(problems, fmt.Errorf("--only %q: there is no such section, but %s", name, strings.Join(sectionNames(), ", ")))
		}
	}
	for _, size := range []struct {
		name         string
		value, least int
	}{
		{"links", o.links, 1}, {"connections", o.connections, 2},
		{"storm", o.storm, 2 * stormWorkspaces}, {"scale", o.scale, 5 * scaleWorkspaces},
	} {
		if size.value < size.least {
			problems = append(problems, fmt.Errorf("--%s %d: want at least %d", size.name, size.value, size.least))
		}
	}
	if o.idle <= 0 || o.outage <= 0 {
		problems = append(problems, errors.New("--idle and --outage: want positive durations"))
	}
	return errors.Join(problems...)
}

// wants reports whether a section is to run.
func (o *options) wants(section string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, section)
}
