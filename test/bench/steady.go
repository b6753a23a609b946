package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// pageSize is the longest page of a list in Atlas.
const pageSize = 500

// pagesOf is how many requests a list of n objects takes, which is one also when there are none.
func pagesOf(n int) int { return max(1, int(math.Ceil(float64(n)/pageSize))) }

// watchIdle looks on while nothing happens.
func (s *stage) watchIdle(ctx context.Context) (span, error) {
	s.progress.say("idle for %s", s.idle)
	before, err := s.now(ctx)
	if err != nil {
		return span{}, err
	}
	if err := sleep(ctx, s.idle); err != nil {
		return span{}, err
	}
	return s.since(ctx, before)
}

// idleRows say what a manager without work does.
func (s *stage) idleRows(idle span) []row {
	return []row{
		exactly("API-server writes while idle", float64(idle.api.count(apiCall.isManagers)), 0).noted("%s", idle.api.describe()),
		figure(fmt.Sprintf("requests in %s idle at the default poll interval", s.idle), float64(idle.atlas.requests()), "").
			noted("%s", idle.atlas.describe()),
	}
}

// restart ends the manager and measures what a new one does until it has looked at all objects.
func (s *stage) restart(ctx context.Context, objects int, flags ...string) (span, error) {
	s.progress.say("restarting the manager %v", flags)
	if err := s.stopManager(); err != nil {
		return span{}, err
	}
	before, err := s.now(ctx)
	if err != nil {
		return span{}, err
	}
	if err := s.startManager(ctx, flags...); err != nil {
		return span{}, err
	}
	if err := s.awaitSettled(ctx, objects); err != nil {
		return span{}, err
	}
	return s.since(ctx, before)
}

// restartRows: the list pages, a login per credential, and nothing else.
func restartRows(restarted span, pages, credentials int) []row {
	return []row{
		atMost("restart with everything Ready: requests", float64(restarted.atlas.requests()), "", float64(pages)).
			noted("%s", restarted.atlas.describe()),
		atMost("restart with everything Ready: tokens and challenges", float64(restarted.atlas.logins()), "", float64(credentials)),
		exactly("restart with everything Ready: writes to Atlas", float64(restarted.atlas.writes()), 0),
		exactly("restart with everything Ready: writes to the API server", float64(restarted.api.count(apiCall.isManagers)), 0).
			noted("%s", restarted.api.describe()),
	}
}

// change edits one connection and watches for a while what follows.
func (s *stage) change(ctx context.Context, c *v1alpha1.StreamConnection) ([]row, error) {
	const afterwards = 10 * time.Second
	s.progress.say("changing one connection")
	if err := s.kube.Get(ctx, client.ObjectKeyFromObject(c), c); err != nil {
		return nil, fmt.Errorf("read a connection: %w", err)
	}
	before, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	c.Spec.Cluster.DBRoleToExecute.Role = "readAnyDatabase"
	if err := s.kube.Update(ctx, c); err != nil {
		return nil, fmt.Errorf("change a connection: %w", err)
	}
	inAtlas, err := s.awaitPatch(ctx, before.at)
	if err != nil {
		return nil, err
	}
	err = s.await(ctx, "the changed connection to be Ready", func(context.Context) (bool, error) {
		return s.watcher.readyAt(c.UID, c.Generation), nil
	})
	if err != nil {
		return nil, err
	}
	if err := sleep(ctx, afterwards); err != nil {
		return nil, err
	}
	after, err := s.since(ctx, before)
	patches := after.atlas.of(atlastest.OpUpdateConnection)
	return []row{
		exactly("one changed connection: PATCH", float64(patches), 1).noted("%s", after.atlas.describe()),
		atMost("one changed connection: other requests", float64(after.atlas.requests()-patches), "", 1).noted("%s", after.atlas.describe()),
		atMost("one changed connection: in Atlas after", inAtlas.Seconds(), "s", 1),
		figure("one changed connection: writes to the API server", float64(after.api.count(apiCall.isManagers)), "").noted("%s", after.api.describe()),
	}, err
}

// awaitPatch waits until a connection is changed in Atlas and returns how long after that moment it was.
func (s *stage) awaitPatch(ctx context.Context, since time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := s.atlas.WaitFor(ctx, func(r atlastest.Request) bool {
		return r.Operation == atlastest.OpUpdateConnection && r.Status == 200 && r.Time.After(since)
	})
	if err != nil {
		return 0, fmt.Errorf("wait for the PATCH: %w", err)
	}
	return time.Since(since), nil
}
