package main

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/atlastest"
)

const (
	stormRate       = 20 // requests a second
	stormBurst      = 40
	stormWorkspaces = 4
)

// runStorm: more work than Atlas takes in the time. Half of the objects are links, half connections.
func runStorm(ctx context.Context, b *bench) (err error) {
	t := newTenant(0, stormWorkspaces)
	s, err := newStage(ctx, b, []tenant{t}, atlastest.WithRequestLog(1), atlastest.WithRateLimit(stormRate, stormBurst))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	objects := make([]client.Object, 0, b.storm)
	for i := range b.storm / 2 {
		objects = append(objects, t.link(i), t.cluster(i%stormWorkspaces, i))
	}
	if err := s.startIdleManager(ctx); err != nil {
		return err
	}
	created, err := s.create(ctx, objects)
	if err != nil {
		return err
	}
	n, calls := float64(len(objects)), float64(created.atlas.requests())
	b.result.add(
		atMost(fmt.Sprintf("storm, %d objects: rejected calls", len(objects)), 100*float64(created.atlas.tooMany())/calls, "%", 1).
			noted("%s", created.atlas.describe()),
		figure("storm: time to all Ready", created.took.Seconds(), "s"),
		atMost(fmt.Sprintf("storm: time to all Ready, against %d / %d s", len(objects), stormRate),
			created.took.Seconds()/(n/stormRate), "x", 1.15),
	)
	b.result.add(created.rows("objects under the limit")...)
	return nil
}
