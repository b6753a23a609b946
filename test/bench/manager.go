package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/atlasstreams/operator/internal/testenv"
)

const (
	// patience bounds every wait, together with patienceEach for each resource that there is.
	patience     = 5 * time.Minute
	patienceEach = 100 * time.Millisecond
	// quiet is how long nothing must be worked on until the manager counts as settled.
	quiet = 3 * time.Second
	// glance is how often something that is awaited is looked at.
	glance = 100 * time.Millisecond
	// scrapeEvery is how often the manager's metrics are read: each reading takes it 20 MiB at 10,000 resources, and read
	// at each glance they were most of the memory that the bench measured.
	scrapeEvery = 2 * time.Second
)

// manager is a running manager.
type manager struct {
	process *testenv.Process
	metrics string
	client  *http.Client
}

// startManager runs the program as it is deployed, as a leader, with plain metrics.
func (s *stage) startManager(ctx context.Context, flags ...string) error {
	metrics, err := testenv.FreeAddress()
	if err != nil {
		return err
	}
	s.managers++
	args := append([]string{
		"--kubeconfig=" + s.env.Kubeconfig, "--atlas-base-url=" + s.atlas.URL,
		// Renewed as often as by default. A machine on which everything runs may keep it waiting for longer.
		"--leader-elect", "--leader-election-namespace=default",
		"--leader-election-lease-duration=90s", "--leader-election-renew-deadline=80s",
		"--metrics-bind-address=" + metrics, "--metrics-secure=false", "--health-probe-bind-address=0",
	}, flags...)
	process, err := s.env.Run(fmt.Sprintf("manager-%d", s.managers), nil, s.options.manager, args...)
	if err != nil {
		return err
	}
	s.manager = &manager{process: process, metrics: "http://" + metrics + "/metrics", client: &http.Client{Timeout: 10 * time.Second}}
	return process.AwaitOK(ctx, s.manager.metrics)
}

// startIdleManager starts it before there is anything to do, and waits until it could begin to.
func (s *stage) startIdleManager(ctx context.Context) error {
	if err := s.startManager(ctx); err != nil {
		return err
	}
	return s.awaitSettled(ctx, 0)
}

// stopManager ends it as a deployment does.
func (s *stage) stopManager() error {
	err := s.manager.process.Stop()
	s.manager = nil
	return err
}

// activity is how much a manager has worked on, and what it works on now.
type activity struct{ reconciles, busy float64 }

func (m *manager) activity(ctx context.Context) (a activity, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.metrics, nil)
	if err != nil {
		return a, fmt.Errorf("read the metrics of the manager: %w", err)
	}
	response, err := m.client.Do(request)
	if err != nil {
		return a, fmt.Errorf("read the metrics of the manager: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return a, fmt.Errorf("read the metrics of the manager: %w", err)
	}
	return parseActivity(text)
}

// parseActivity adds up the controllers: what they finished, and what waits or is worked on.
func parseActivity(text []byte) (a activity, err error) {
	if a.reconciles, err = sumMetric(text, "controller_runtime_reconcile_total"); err != nil {
		return a, err
	}
	for _, name := range []string{"workqueue_depth", "controller_runtime_active_workers"} {
		n, err := sumMetric(text, name)
		if err != nil {
			return a, err
		}
		a.busy += n
	}
	return a, nil
}

// awaitSettled waits until the manager has worked at least on so many resources since its start, and then on none for a
// while.
func (s *stage) awaitSettled(ctx context.Context, reconciles int) error {
	var last activity
	since := time.Now()
	return s.awaitEvery(ctx, scrapeEvery, "the manager to settle", func(ctx context.Context) (bool, error) {
		a, err := s.manager.activity(ctx)
		// One that does not answer in time is busy.
		if err != nil || a != last || a.busy > 0 || a.reconciles < float64(reconciles) {
			last, since = a, time.Now()
		}
		return time.Since(since) >= quiet, nil
	})
}

// await looks at each glance until done, the patience is at its end, or the manager is.
func (s *stage) await(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	return s.awaitEvery(ctx, glance, what, done)
}

func (s *stage) awaitEvery(ctx context.Context, pause time.Duration, what string, done func(context.Context) (bool, error)) error {
	began := time.Now()
	for {
		if s.manager != nil {
			if err := s.manager.process.Failure(); err != nil {
				return err
			}
		}
		ok, err := done(ctx)
		switch {
		case err != nil:
			return err
		case ok:
			return nil
		case time.Since(began) > patience+patienceEach*time.Duration(s.watcher.count()):
			return fmt.Errorf("waited %s for %s", time.Since(began).Round(time.Second), what)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// sleep waits while something is watched.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
