package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// section is a part of the benchmark that can be run by itself.
type section struct {
	name  string
	title string
	run   func(context.Context, *bench) error
}

// sections in the order in which they run.
var sections = []section{
	{"connections", "connections in one workspace", runConnections},
	{"links", "private links in one project", runLinks},
	{"storm", "a rate limit of 20 requests a second", runStorm},
	{"scale", "many objects over 10 projects and 40 workspaces", runScale},
}

// sectionNames are what --only takes.
func sectionNames() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// bench is what a section works with.
type bench struct {
	options
	result   *result
	progress *progress
}

// progress tells what is being done.
type progress struct {
	out     io.Writer
	started time.Time
}

func newProgress(out io.Writer) *progress { return &progress{out: out, started: time.Now()} }

func (p *progress) begin(s section) { fmt.Fprintf(p.out, "\n==> %s: %s\n", s.name, s.title) }

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, "    [%4.0f s] %s\n", time.Since(p.started).Seconds(), fmt.Sprintf(format, args...))
}
