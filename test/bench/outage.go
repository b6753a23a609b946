package main

import (
	"context"
	"fmt"
	"time"

	"github.com/atlasstreams/operator/atlastest"
)

// returned is how long after the end of an outage a storm would show.
const returned = 10 * time.Second

// outageAtScale takes Atlas away while everything is Ready.
func (s *stage) outageAtScale(ctx context.Context, objects, pages int) error {
	s.progress.say("Atlas answers 503 for %s", s.outage)
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	fault := s.atlas.Inject(atlastest.Fault{Status: 503, HTML: "<h1>Service Unavailable</h1>"})
	err = sleep(ctx, s.outage)
	fault.Remove()
	if err != nil {
		return err
	}
	during, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	s.progress.say("Atlas is back")
	if before, err = s.now(ctx); err != nil {
		return err
	}
	if err := sleep(ctx, returned); err != nil {
		return err
	}
	after, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	ready, _ := s.watcher.progress()
	s.result.add(
		exactly(fmt.Sprintf("outage of %s, %d objects: status writes", s.outage, objects),
			float64(during.api.count(apiCall.isStatus)+after.api.count(apiCall.isStatus)), 0).noted("%s", during.api.describe()),
		figure("outage: requests while it lasts", float64(during.atlas.requests()), "").noted("%s", during.atlas.describe()),
		figure("outage: manager CPU while it lasts", during.cpu.Seconds(), "s"),
		atMost(fmt.Sprintf("outage: requests in the first %s after it", returned), float64(after.atlas.requests()), "", float64(pages)).
			noted("%s", after.atlas.describe()),
		exactly("outage: objects that are Ready after it", float64(ready), float64(objects)),
	)
	return nil
}
