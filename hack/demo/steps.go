package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// errTimeout is returned by follow. Callers add what they waited for.
var errTimeout = errors.New("timeout")

// awaitReady shows the resources until all of them are Ready.
func (d *demo) awaitReady(ctx context.Context) (err error) {
	d.say("Waiting until all resources are Ready")
	if d.resources, err = watchResources(ctx, d.env.Config); err != nil {
		return err
	}
	expected := len(d.samples.ours())
	var last []row
	err = d.follow(ctx, newTable(d.out).show, func(rows []row) bool {
		last = rows
		return len(rows) >= expected && allReady(rows)
	})
	if errors.Is(err, errTimeout) {
		fmt.Fprintln(d.out, d.manager.Log())
		return fmt.Errorf("%w: not all resources are Ready after %s:\n%s", err, d.timeout, unready(last))
	}
	return err
}

func unready(rows []row) string {
	var text strings.Builder
	for _, r := range rows {
		if r.ready != "True" {
			fmt.Fprintf(&text, "  %s in %s: %s %s\n", r.resource, r.namespace, r.reason, r.message)
		}
	}
	return text.String()
}

// showResult prints the resources with kubectl.
func (d *demo) showResult(ctx context.Context) error {
	d.say("What kubectl shows")
	if err := d.kubectl.show(ctx, "get", d.kinds(), "-A", "-o", "wide"); err != nil {
		return err
	}
	link, found, err := d.exampleLink(ctx)
	if err != nil || !found {
		return err
	}
	return d.kubectl.show(ctx, "-n", link.namespace, "get", link.resource, "-o",
		`jsonpath={range .status.conditions[*]}{.type}{"\t"}{.status}{"\t"}{.reason}{"\t"}{.message}{"\n"}{end}`)
}

func (d *demo) kinds() string { return strings.Join(d.resources.shortNames, ",") }

// exampleLink returns the first private link with an ID in Atlas.
func (d *demo) exampleLink(ctx context.Context) (row, bool, error) {
	rows, err := d.resources.rows(ctx)
	i := slices.IndexFunc(rows, func(r row) bool {
		return strings.HasPrefix(r.resource, "streamprivatelink/") && r.id != ""
	})
	if err != nil || i < 0 {
		return row{}, false, err
	}
	return rows[i], true, nil
}

// explore prints suggestions and waits for Ctrl-C.
func (d *demo) explore(ctx context.Context) error {
	d.say("Explore, in another terminal; this one stays up until Ctrl-C")
	fmt.Fprintf(d.out, "\n  export KUBECONFIG=%s\n", d.env.Kubeconfig)
	if _, err := exec.LookPath("kubectl"); err != nil {
		fmt.Fprintf(d.out, "  alias kubectl=%s\n", d.kubectl.path)
	}
	fmt.Fprintf(d.out, "  kubectl get %s -A -w\n", d.kinds())
	fmt.Fprintf(d.out, "\nKubernetes' own controllers do not run: delete the resources, not their namespace.\n")
	link, found, err := d.exampleLink(ctx)
	if err != nil {
		return err
	}
	if found {
		state := d.simulator.url + "/_simulator/privateLinks/" + link.id + "/state"
		fmt.Fprintf(d.out, "\nMake Atlas report that a link failed, see what becomes of it, and mend it again:\n\n")
		fmt.Fprintf(d.out, "  curl %s --json '{\"state\": \"FAILED\", \"errorMessage\": \"the service refused the endpoint\"}'\n", state)
		fmt.Fprintf(d.out, "  kubectl -n %s describe %s\n", link.namespace, link.resource)
		fmt.Fprintf(d.out, "  curl %s --json '{\"state\": \"DONE\"}'\n", state)
	}
	fmt.Fprintf(d.out, "\nWhat else the simulator can do: curl %s/_simulator/\n", d.simulator.url)
	fmt.Fprintf(d.out, "Logs: tail -f %s %s\n", d.manager.LogPath, d.simulator.process.LogPath)

	select {
	case <-ctx.Done():
		d.say("Stopping")
		return nil
	case <-d.manager.Done():
		return d.manager.Failure()
	case <-d.simulator.process.Done():
		return d.simulator.process.Failure()
	}
}

// cleanUp deletes everything and checks that Atlas is empty.
func (d *demo) cleanUp(ctx context.Context) error {
	d.say("Deleting everything")
	args := append([]string{"delete", "--ignore-not-found", "--wait=false"}, d.samples.args...)
	if err := d.kubectl.show(ctx, args...); err != nil {
		return err
	}
	var last []row
	err := d.follow(ctx, newTable(d.out).show, func(rows []row) bool {
		last = rows
		return len(rows) == 0
	})
	if errors.Is(err, errTimeout) {
		fmt.Fprintln(d.out, d.manager.Log())
		return fmt.Errorf("%w: not all resources are deleted after %s:\n%s", err, d.timeout, unready(last))
	}
	if err != nil {
		return err
	}
	if err := d.finalizeNamespaces(ctx); err != nil {
		return err
	}
	// Returns when all other resources are deleted too.
	args = append([]string{"delete", "--ignore-not-found", "--timeout=" + d.timeout.String()}, d.samples.args...)
	if err := d.kubectl.quiet(ctx, args...); err != nil {
		return err
	}
	return d.checkEmpty(ctx)
}

// finalizeNamespaces replaces Kubernetes's namespace controller: it removes deleted namespaces of the manifests. Their
// contents are deleted with the manifests.
func (d *demo) finalizeNamespaces(ctx context.Context) error {
	for _, object := range d.samples.objects {
		if object.GetKind() != "Namespace" {
			continue
		}
		name := object.GetName()
		if err := d.kubectl.finalizeNamespace(ctx, name); err != nil {
			return fmt.Errorf("let namespace %s go: %w", name, err)
		}
	}
	return nil
}

// checkEmpty returns an error if objects are left in the simulator.
func (d *demo) checkEmpty(ctx context.Context) error {
	left, err := d.simulator.leftovers(ctx)
	if err != nil {
		return err
	}
	if kept := d.samples.retained(); len(left) > kept {
		return fmt.Errorf("the deletion left %d objects in Atlas, %d of the manifests ask for that:\n  %s",
			len(left), kept, strings.Join(left, "\n  "))
	}
	d.say("All became Ready, and nothing is left in Atlas")
	return nil
}
