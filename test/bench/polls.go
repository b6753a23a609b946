package main

import (
	"context"
	"fmt"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

const (
	// shortInterval replaces the ten minutes between polls where polls have to be seen.
	shortInterval = 5 * time.Second
	// watchedPolls is how many of them are watched.
	watchedPolls = 5
)

// pollsIn counts the polls among requests, each of which begins with a first page, and their pages.
func pollsIn(requests []atlastest.Request, op atlastest.Operation) (polls, pages int) {
	for _, r := range requests {
		if r.Operation != op {
			continue
		}
		pages++
		if n := r.Query.Get("pageNum"); n == "" || n == "1" {
			polls++
		}
	}
	return polls, pages
}

// watchPolls counts the requests of a manager that polls at the short interval and has nothing else to do.
func (s *stage) watchPolls(ctx context.Context, op atlastest.Operation, objects int) ([]row, error) {
	window := watchedPolls * shortInterval
	s.progress.say("polls every %s, for %s", shortInterval, window)
	if err := s.awaitPollEnd(ctx, op, objects); err != nil {
		return nil, err
	}
	before, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	s.atlas.ResetRequests()
	before.atlas = callsOf(s.atlas)
	if err := sleep(ctx, window); err != nil {
		return nil, err
	}
	after, err := s.since(ctx, before)
	if err != nil {
		return nil, err
	}
	polls, pages := pollsIn(s.atlas.Requests(), op)
	if polls == 0 {
		return nil, fmt.Errorf("no poll in %s", window)
	}
	perPoll := float64(after.atlas.requests()) / float64(polls)
	return []row{
		// A poll at the end of the window may have its second page behind it.
		atMost(fmt.Sprintf("requests per idle poll of %d objects in one list", objects), perPoll, "", float64(pagesOf(objects))).
			noted("%s in %s, %d pages of lists", after.atlas.describe(), window, pages),
		atMost("polls per interval", float64(polls)/watchedPolls, "", 1.25),
		exactly("API-server writes while polling", float64(after.api.count(apiCall.isManagers)), 0).noted("%s", after.api.describe()),
		figure("manager CPU per poll", after.cpu.Seconds()/float64(polls)*1000, "ms"),
	}, nil
}

// awaitPollEnd waits for the end of the next poll.
func (s *stage) awaitPollEnd(ctx context.Context, op atlastest.Operation, objects int) error {
	begun := time.Now()
	last := fmt.Sprint(pagesOf(objects))
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := s.atlas.WaitFor(ctx, func(r atlastest.Request) bool {
		page := r.Query.Get("pageNum")
		return r.Operation == op && r.Time.After(begun) && (page == last || page == "" && last == "1")
	})
	if err != nil {
		return fmt.Errorf("wait for a poll: %w", err)
	}
	return nil
}

// drift changes a connection in Atlas right after a poll and watches how it is found and put right.
func (s *stage) drift(ctx context.Context, c *v1alpha1.StreamConnection, objects int) ([]row, error) {
	s.progress.say("changing one connection behind the operator's back")
	if err := s.awaitPollEnd(ctx, atlastest.OpListConnections, objects); err != nil {
		return nil, err
	}
	s.atlas.ResetRequests()
	began := time.Now()
	edited := s.atlas.EditConnection(c.Spec.ProjectID, c.Spec.WorkspaceName, c.Name, func(fields map[string]any) {
		fields["clusterName"] = "somewhere-else"
	})
	if !edited {
		return nil, fmt.Errorf("there is no connection %s in Atlas", c.Name)
	}
	found, err := s.awaitPatch(ctx, began)
	if err != nil {
		return nil, err
	}
	polls, _ := pollsIn(s.atlas.Requests(), atlastest.OpListConnections)
	if err := sleep(ctx, 2*shortInterval); err != nil {
		return nil, err
	}
	calls := callsOf(s.atlas)
	repaired, _ := s.atlas.Connection(c.Spec.ProjectID, c.Spec.WorkspaceName, c.Name)
	right := 0.0
	if repaired.Fields["clusterName"] == c.Spec.Cluster.ClusterName {
		right = 1
	}
	return []row{
		atMost(fmt.Sprintf("one drifted connection among %d: polls until it is found", objects), float64(polls), "", 1),
		exactly("one drifted connection: PATCH", float64(calls.of(atlastest.OpUpdateConnection)), 1).noted("%s", calls.describe()),
		exactly("one drifted connection: put right", right, 1),
		figure(fmt.Sprintf("one drifted connection: put right after, polled every %s", shortInterval), found.Seconds(), "s"),
	}, nil
}
