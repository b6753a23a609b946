package main

import (
	"context"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// runConnections: connections of type Cluster in one workspace, which Atlas wants to be written one at a time.
func runConnections(ctx context.Context, b *bench) (err error) {
	t := newTenant(0, 1)
	s, err := newStage(ctx, b, []tenant{t}, atlastest.WithRequestLog(100_000))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	n := b.connections
	floor, err := s.floor(ctx, 1, n, func(q, i int) post { return postCluster(floorProject, floorWorkspace(q), i) })
	if err != nil {
		return err
	}
	connections := make([]*v1alpha1.StreamConnection, n)
	objects := make([]client.Object, n)
	for i := range n {
		connections[i] = t.cluster(0, i)
		objects[i] = connections[i]
	}
	if err := s.createAndRest(ctx, objects, "connections", func(c creation) []row { return c.timeRows(floor, true) }); err != nil {
		return err
	}
	rows, err := s.change(ctx, connections[n/2])
	b.result.add(rows...)
	if err != nil {
		return err
	}
	if err := s.restartAndPoll(ctx, atlastest.OpListConnections, n); err != nil {
		return err
	}
	rows, err = s.drift(ctx, connections[n/3], n)
	b.result.add(rows...)
	return err
}

// runLinks: private links in one project.
func runLinks(ctx context.Context, b *bench) (err error) {
	t := newTenant(0, 0)
	s, err := newStage(ctx, b, []tenant{t}, atlastest.WithRequestLog(100_000))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	n := b.links
	floor, err := s.floor(ctx, 1, n, func(_, i int) post { return postLink(floorProject, i) })
	if err != nil {
		return err
	}
	objects := make([]client.Object, n)
	for i := range n {
		objects[i] = t.link(i)
	}
	if err := s.createAndRest(ctx, objects, "links", func(c creation) []row { return c.timeRows(floor, false) }); err != nil {
		return err
	}
	return s.restartAndPoll(ctx, atlastest.OpListPrivateLinks, n)
}

// createAndRest creates objects under a fresh manager and then lets it be idle.
func (s *stage) createAndRest(ctx context.Context, objects []client.Object, kind string, times func(creation) []row) error {
	if err := s.startIdleManager(ctx); err != nil {
		return err
	}
	created, err := s.create(ctx, objects)
	if err != nil {
		return err
	}
	s.result.add(created.rows(kind)...)
	s.result.add(times(created)...)
	memory, err := peakMemory(s.manager.process.PID())
	if err != nil {
		return err
	}
	s.result.add(figure("peak memory", memory, "MiB"))
	idle, err := s.watchIdle(ctx)
	if err != nil {
		return err
	}
	s.result.add(s.idleRows(idle)...)
	return nil
}

// restartAndPoll restarts the manager as it is by default, and then with polls that come so often that they are seen.
func (s *stage) restartAndPoll(ctx context.Context, op atlastest.Operation, objects int) error {
	restarted, err := s.restart(ctx, objects)
	if err != nil {
		return err
	}
	s.result.add(restartRows(restarted, pagesOf(objects), len(s.tenants))...)
	if _, err := s.restart(ctx, objects, "--steady-poll-interval="+shortInterval.String()); err != nil {
		return err
	}
	rows, err := s.watchPolls(ctx, op, objects)
	s.result.add(rows...)
	return err
}
