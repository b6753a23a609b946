package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/atlasstreams/operator/atlastest"
)

// pollingTime is how long the baseline is run.
const pollingTime = 15 * time.Second

// polling is the baseline of one GET per object and minute. It runs as a process of its own, so that its CPU is counted
// apart from ours.
type polling struct {
	baseURL, path      string
	objects, perMinute int
	lasts              time.Duration
}

func (p *polling) bind(flags *flag.FlagSet) {
	flags.StringVar(&p.baseURL, "polling-url", "", "internal: be the baseline that polls this `URL`")
	flags.StringVar(&p.path, "polling-path", "", "internal: path of the connections")
	flags.IntVar(&p.objects, "polling-objects", 1, "internal: how many connections there are")
	flags.IntVar(&p.perMinute, "polling-per-minute", 1, "internal: GETs per minute")
	flags.DurationVar(&p.lasts, "polling-for", pollingTime, "internal")
}

func (p *polling) args() []string {
	return []string{
		"--polling-url=" + p.baseURL, "--polling-path=" + p.path, fmt.Sprintf("--polling-objects=%d", p.objects),
		fmt.Sprintf("--polling-per-minute=%d", p.perMinute), "--polling-for=" + p.lasts.String(),
	}
}

// run reads one connection after another, as many a minute as there would be objects.
func (p *polling) run(ctx context.Context) error {
	client := bareClient(ctx, p.baseURL)
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	var running sync.WaitGroup
	defer running.Wait()
	began, sent := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pace.C:
		}
		passed := min(time.Since(began), p.lasts)
		for due := p.due(passed); sent < due; sent++ {
			name := connectionName(0, sent%p.objects)
			// Not waited for: a call takes longer than the time between two.
			running.Go(func() { p.get(ctx, client, name) })
		}
		if passed == p.lasts {
			return nil
		}
	}
}

// due is how many calls are to be sent by then.
func (p *polling) due(passed time.Duration) int {
	return int(passed.Seconds() * float64(p.perMinute) / time.Minute.Seconds())
}

func (p *polling) get(ctx context.Context, client *http.Client, name string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.baseURL+p.path+"/"+name, nil)
	if err != nil {
		return
	}
	request.Header.Set("Accept", mediaType)
	response, err := client.Do(request)
	if err != nil {
		return // the simulator counts what reached it
	}
	defer response.Body.Close()
	var connection map[string]any
	_ = json.NewDecoder(response.Body).Decode(&connection) // for its cost alone
}

// comparePolling measures what the usual way would cost: one GET per object and minute.
func (s *stage) comparePolling(ctx context.Context, objects, inWorkspace int) error {
	s.progress.say("baseline: one GET per object and minute, for %s", pollingTime)
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("run the baseline: %w", err)
	}
	p := polling{
		baseURL: s.atlas.URL, path: connectionsPath(s.tenants[0].project, s.tenants[0].workspaces[0]),
		objects: inWorkspace, perMinute: objects, lasts: pollingTime,
	}
	before := callsOf(s.atlas)
	command := exec.CommandContext(ctx, program, p.args()...)
	var output bytes.Buffer
	command.Stderr = &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("run the baseline: %w: %s", err, output.String())
	}
	gets := callsOf(s.atlas).since(before).of(atlastest.OpGetConnection)
	used := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	s.result.add(
		figure("baseline of one GET per object and minute: requests per minute", float64(gets)/pollingTime.Minutes(), ""),
		figure("baseline of one GET per object and minute: CPU of the bare loop", 100*used.Seconds()/pollingTime.Seconds(), "% of a core"),
		figure(fmt.Sprintf("ours, polls every %s: requests per minute", defaultPoll), scaleLists/defaultPoll.Minutes(), "").
			noted("calculated: one request per list and poll, as counted at a shorter interval"),
	)
	return nil
}
