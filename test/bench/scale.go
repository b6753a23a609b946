package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/atlastest"
)

const (
	scaleProjects   = 10
	perProject      = 4
	scaleWorkspaces = scaleProjects * perProject
	scaleLists      = scaleProjects + scaleWorkspaces
	// outageInterval lets every list be polled once or twice during the outage, and never so often that it would have
	// to be reported in the status.
	outageInterval = 40 * time.Second
	defaultPoll    = 10 * time.Minute
)

// runScale: a fifth of the objects are links. Half of the tenants use an API key.
func runScale(ctx context.Context, b *bench) (err error) {
	tenants := make([]tenant, scaleProjects)
	for i := range tenants {
		tenants[i] = newTenant(i, perProject)
		tenants[i].apiKey = i%2 == 1
	}
	s, err := newStage(ctx, b, tenants, atlastest.WithRequestLog(1))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	links, connections := b.scale/5/scaleProjects, b.scale/5*4/scaleWorkspaces
	floor, err := s.floor(ctx, scaleWorkspaces, connections, func(q, i int) post {
		return postCluster(floorProject, floorWorkspace(q), i)
	})
	if err != nil {
		return err
	}
	objects := scaleObjects(tenants, links, connections)
	pages := scaleProjects*pagesOf(links) + scaleWorkspaces*pagesOf(connections)
	if err := s.createAtScale(ctx, objects, floor, pages); err != nil {
		return err
	}
	if err := s.outageAtScale(ctx, len(objects), pages); err != nil {
		return err
	}
	return s.comparePolling(ctx, len(objects), connections)
}

// scaleObjects takes from each project and workspace in turn, as many teams that work at the same time would.
func scaleObjects(tenants []tenant, links, connections int) []client.Object {
	var objects []client.Object
	for i := range max(links, connections) {
		for _, t := range tenants {
			if i < links {
				objects = append(objects, t.link(i))
			}
			for w := range t.workspaces {
				if i < connections {
					objects = append(objects, t.mixed(w, i))
				}
			}
		}
	}
	return objects
}

func (s *stage) createAtScale(ctx context.Context, objects []client.Object, floor time.Duration, pages int) error {
	if err := s.startIdleManager(ctx); err != nil {
		return err
	}
	created, err := s.create(ctx, objects)
	if err != nil {
		return err
	}
	created.pages = pages
	s.result.add(created.rows("objects")...)
	s.result.add(figure("bare loop of the connections, workspaces in parallel", floor.Seconds(), "s"),
		figure("time to all Ready", created.took.Seconds(), "s"))
	memory, err := s.memoryRow(len(objects), "after their creation")
	if err != nil {
		return err
	}
	s.result.add(memory)
	idle, err := s.watchIdle(ctx)
	if err != nil {
		return err
	}
	s.result.add(s.idleRows(idle)...)
	restarted, err := s.restart(ctx, len(objects), "--steady-poll-interval="+outageInterval.String())
	if err != nil {
		return err
	}
	s.result.add(restartRows(restarted, pages, scaleProjects)...)
	if memory, err = s.memoryRow(len(objects), "after a restart"); err != nil {
		return err
	}
	s.result.add(memory, figure("restart: manager CPU", restarted.cpu.Seconds(), "s"))
	return s.idleCPU(ctx, len(objects), idle)
}

func (s *stage) memoryRow(objects int, when string) (row, error) {
	memory, err := peakMemory(s.manager.process.PID())
	return atMost(fmt.Sprintf("%d objects: peak memory %s", objects, when), memory, "MiB", 250), err
}

// idleCPU measures what polls cost, which the idle time before was too short to see, and adds their share.
func (s *stage) idleCPU(ctx context.Context, objects int, idle span) error {
	s.progress.say("polls every %s, until each list was polled", outageInterval)
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := sleep(ctx, outageInterval*6/5); err != nil {
		return err
	}
	polled, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	resting := idle.cpu.Seconds() / idle.lasted.Seconds()
	lists := polled.atlas.of(listOperations...)
	if lists == 0 {
		return fmt.Errorf("no poll in %s", polled.lasted)
	}
	perRound := max(0, polled.cpu.Seconds()-resting*polled.lasted.Seconds()) / float64(lists) * scaleLists
	s.result.add(
		figure(fmt.Sprintf("%d objects idle: CPU between polls", objects), 100*resting, "% of a core"),
		figure("CPU to poll everything once", perRound, "s").noted("%s", polled.atlas.describe()),
		atMost(fmt.Sprintf("%d objects idle: CPU, polls every %s included", objects, defaultPoll),
			100*(resting+perRound/defaultPoll.Seconds()), "% of a core", 1),
		exactly("API-server writes while polling", float64(polled.api.count(apiCall.isManagers)), 0).noted("%s", polled.api.describe()),
	)
	return nil
}
