package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/atlasstreams/operator/internal/testenv"
)

const (
	defaultSamples    = "config/samples/demo"
	operatorManifests = "hack/demo/operator"
	operatorNamespace = "atlas-streams-operator-system"
	operatorAccount   = "atlas-streams-operator-controller-manager"
)

// demo holds the state that the steps share.
type demo struct {
	options
	out     io.Writer
	started time.Time

	simulatorAddress string

	samples   *manifests
	env       *testenv.Environment
	kubectl   *kubectl
	simulator *simulator
	manager   *testenv.Process
	resources *resources
}

func newDemo(opts options, out io.Writer) *demo {
	return &demo{options: opts, out: out, started: time.Now()}
}

func (d *demo) run(ctx context.Context) (err error) {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	// Stop watches before the watched processes.
	watching, stopWatching := context.WithCancel(ctx)
	defer func() {
		stopWatching()
		if err != nil && ctx.Err() != nil {
			err = errInterrupted // replaces the error of the interrupted step
		}
		if d.env != nil {
			err = errors.Join(err, d.env.Stop())
		}
	}()
	for _, step := range []func(context.Context) error{
		d.startControlPlane, d.startSimulator, d.installOperator, d.startManager, d.applySamples,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.watch(watching)
}

// watch shows the resources until all are Ready, and then the remaining steps.
func (d *demo) watch(ctx context.Context) error {
	err := d.awaitReady(ctx)
	switch {
	case err == nil:
	case d.exit || !errors.Is(err, errTimeout):
		return err
	default: // explore follows
		fmt.Fprintf(d.out, "\n%v\n", err)
	}
	if err := d.showResult(ctx); err != nil {
		return err
	}
	if d.exit {
		return d.cleanUp(ctx)
	}
	return d.explore(ctx)
}

// prepare checks the prerequisites before anything is started.
func (d *demo) prepare(ctx context.Context) error {
	for _, program := range []string{"bin/manager", "bin/atlas-simulator"} {
		if _, err := os.Stat(program); err != nil {
			return fmt.Errorf("%s is missing: start the demo by `make demo`, in the top directory", program)
		}
	}
	path, err := testenv.Binary("kubectl")
	if err != nil {
		return err
	}
	d.kubectl = &kubectl{path: path, out: d.out}
	if d.simulatorAddress, err = checkPort(ctx, d.simulatorPort); err != nil {
		return err
	}
	d.samples, err = loadManifests(ctx, d.options.samples, d.kubectl)
	return err
}

func (d *demo) startControlPlane(ctx context.Context) (err error) {
	d.say("Starting etcd and kube-apiserver")
	d.env, err = testenv.Start(ctx, testenv.Options{WithoutCRDs: true})
	if err != nil {
		return err
	}
	d.kubectl.kubeconfig = d.env.Kubeconfig
	return nil
}

func (d *demo) startSimulator(ctx context.Context) (err error) {
	d.say("Starting the Atlas simulator")
	d.simulator, err = startSimulator(ctx, d.env, d.simulatorAddress, d.samples, d.options.samples != defaultSamples)
	return err
}

// installOperator does the same as `make deploy`, except for the Deployment.
func (d *demo) installOperator(ctx context.Context) error {
	d.say("Installing the CRDs and the operator's rights")
	if err := d.kubectl.quiet(ctx, "apply", "--server-side", "-k", operatorManifests); err != nil {
		return err
	}
	return d.kubectl.quiet(ctx, "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
}

func (d *demo) applySamples(ctx context.Context) error {
	if missing := d.samples.missing(); len(missing) > 0 {
		d.say("Adding what the manifests refer to and do not hold")
		if err := d.kubectl.apply(ctx, missing); err != nil {
			return err
		}
	}
	d.say("Applying the manifests, in the order of their files")
	return d.kubectl.show(ctx, append([]string{"apply"}, d.samples.args...)...)
}

// say prints the name of a step.
func (d *demo) say(step string) {
	fmt.Fprintf(d.out, "\n==> [%2.0f s] %s\n", time.Since(d.started).Seconds(), step)
}
