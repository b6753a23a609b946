package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// writers is how many resources are created at once.
	writers = 16
	// reportEvery is how often progress is reported.
	reportEvery = 30 * time.Second
)

// creation is what it took to make resources Ready.
type creation struct {
	span
	objects  int
	distinct int
	// pages is how many pages all lists have together; 0 where they do not matter.
	pages int
	// took is the time from the first resource to the last Ready.
	took time.Duration
}

// create makes resources, waits until all are Ready and the manager has settled.
func (s *stage) create(ctx context.Context, objects []client.Object) (creation, error) {
	s.progress.say("creating %d resources", len(objects))
	before, err := s.now(ctx)
	if err != nil {
		return creation{}, err
	}
	group, creating := errgroup.WithContext(ctx)
	group.Go(func() error { return s.createAll(creating, objects) })
	group.Go(func() error { return s.awaitReady(creating, len(objects)) })
	if err := group.Wait(); err != nil {
		return creation{}, err
	}
	_, last := s.watcher.progress()
	s.progress.say("all Ready after %s", last.Sub(before.at).Round(100*time.Millisecond))
	if err := s.awaitSettled(ctx, 0); err != nil {
		return creation{}, err
	}
	after, err := s.since(ctx, before)
	return creation{span: after, objects: len(objects), distinct: s.watcher.distinct(), took: last.Sub(before.at)}, err
}

// awaitReady waits until so many resources are Ready, and tells now and then how many are.
func (s *stage) awaitReady(ctx context.Context, objects int) error {
	reported := time.Now()
	err := s.await(ctx, fmt.Sprintf("%d resources to be Ready", objects), func(context.Context) (bool, error) {
		ready, _ := s.watcher.progress()
		if time.Since(reported) > reportEvery {
			reported = time.Now()
			s.progress.say("%d created, %d Ready", s.watcher.count(), ready)
		}
		return ready >= objects, nil
	})
	if err != nil {
		ready, _ := s.watcher.progress()
		return fmt.Errorf("%d of %d are Ready: %w", ready, objects, err)
	}
	return nil
}

func (s *stage) createAll(ctx context.Context, objects []client.Object) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, object := range objects {
		group.Go(func() error {
			if err := s.kube.Create(ctx, object); err != nil {
				return fmt.Errorf("create %s: %w", object.GetName(), err)
			}
			return nil
		})
	}
	return group.Wait()
}

// rows say what a creation cost. kind names the objects.
func (c creation) rows(kind string) []row {
	n := float64(c.objects)
	status := c.api.count(apiCall.isStatus)
	// The claim, the id, and each different thing that Atlas said.
	mayWrite := 2*c.objects + c.distinct
	return []row{
		atMost(fmt.Sprintf("requests to create %d %s", c.objects, kind), float64(c.atlas.requests()), "",
			c.mostRequests()).noted("%s", c.atlas.describe()),
		atMost("status writes per created object", float64(status)/n, "", float64(mayWrite)/n).noted("%s", c.api.describe()),
		figure("finalizer writes per created object", float64(c.api.count(apiCall.isFinalizer))/n, ""),
		atMost("events per created object", float64(c.api.count(apiCall.isEvent))/n, "", 2),
		figure("API-server writes per created object, all", float64(c.api.count(apiCall.isManagers))/n, ""),
		figure("manager CPU per 1,000 created objects", c.cpu.Seconds()/n*1000, "s"),
		exactly("overlapping writes to one workspace", float64(c.atlas.overlapped), 0),
	}
}

// mostRequests: one request each, a twentieth more, and 30. While objects are created, each page of a list is read again
// each pending poll interval, so where creation takes longer than two minutes its time decides.
func (c creation) mostRequests() float64 {
	const pendingPollInterval = 15 * time.Second
	n := float64(c.objects)
	lists := 1.3 * float64(c.pages) * c.took.Seconds() / pendingPollInterval.Seconds()
	return math.Floor(n + 30 + max(0.05*n, lists))
}

// timeRows compare a creation with the same POSTs from a bare loop. There is a limit where the answer to the POST says
// that the object is ready; where it does not, the next list does.
func (c creation) timeRows(floor time.Duration, answered bool) []row {
	compared := figure("time to all Ready, against the bare loop", c.took.Seconds()/floor.Seconds(), "x")
	if answered {
		compared = atMost(compared.What, compared.Measured, compared.Unit, 1.25)
	}
	return []row{
		figure("bare loop of the same POSTs", floor.Seconds(), "s"),
		figure("time to all Ready", c.took.Seconds(), "s"),
		compared,
	}
}
