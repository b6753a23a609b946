// Command atlas-simulator runs the simulator of the MongoDB Atlas Administration
// API from package atlastest as a program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/atlasstreams/operator/atlastest"
)

// shutdownGrace limits requests in flight after a signal.
const shutdownGrace = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintf(os.Stderr, "atlas-simulator: %v\n", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	var logger *slog.Logger
	if o.logRequests {
		logger = slog.New(slog.NewTextHandler(stderr, nil))
	}
	opts, err := o.serverOptions(logger)
	if err != nil {
		return err
	}
	credentials, err := o.loadCredentials()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	server, err := atlastest.Start(append(opts, atlastest.WithListener(listener))...)
	if err != nil {
		return fmt.Errorf("starting: %w", err)
	}
	defer server.Close()
	o.seed(server, credentials)
	printWelcome(stdout, server, o)

	select {
	case <-ctx.Done():
	case <-server.Done():
		return errors.New("the server ended by itself")
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	return server.Shutdown(grace)
}

func printWelcome(w io.Writer, server *atlastest.Server, o *options) {
	fmt.Fprintf(w, "atlas-simulator serves %s\n", server.URL)
	fmt.Fprintf(w, "  workspaces:  %s\n", workspaceList(server))
	fmt.Fprintf(w, "  credentials: %s\n", strings.Join(server.Credentials(), " "))
	control := "off"
	if o.control {
		control = server.URL + "/_simulator/"
	}
	fmt.Fprintf(w, "  control:     %s\n", control)
	if o.usesDefaults() {
		fmt.Fprintf(w, "  service account secret: %s   API private key: %s\n",
			atlastest.DefaultClientSecret, atlastest.DefaultPrivateKey)
	}
}

// workspaceList returns every project/workspace; a project without workspaces is listed by its ID.
func workspaceList(server *atlastest.Server) string {
	var names []string
	for _, project := range server.Projects() {
		workspaces := server.Workspaces(project)
		for _, name := range workspaces {
			names = append(names, project+"/"+name)
		}
		if len(workspaces) == 0 {
			names = append(names, project)
		}
	}
	return strings.Join(names, " ")
}
