package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/discovery"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
)

// stage is an API server, an Atlas with tenants, and a manager that is started when a section wants it.
type stage struct {
	*bench
	env     *testenv.Environment
	kube    client.Client
	raw     rest.Interface
	atlas   *atlastest.Server
	watcher *watcher
	tenants []tenant

	managers int
	manager  *manager
}

// newStage starts all but the manager. The caller closes the stage.
func newStage(ctx context.Context, b *bench, tenants []tenant, opts ...atlastest.Option) (_ *stage, err error) {
	b.progress.say("starting etcd, kube-apiserver and the simulator")
	s := &stage{bench: b, tenants: tenants}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.env, err = testenv.Start(ctx, testenv.Options{}); err != nil {
		return nil, err
	}
	// No state lasts: what the POST of a link starts is DONE at the next read, and nothing waits for Atlas.
	opts = append([]atlastest.Option{atlastest.WithDurations(atlastest.Durations{}), atlastest.WithLatency(latency, 0)}, opts...)
	if s.atlas, err = atlastest.Start(opts...); err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	if err := s.connect(); err != nil {
		return nil, err
	}
	if s.watcher, err = watch(ctx, s.env.Config); err != nil {
		return nil, err
	}
	for _, t := range tenants {
		t.register(s.atlas)
		for _, object := range t.surroundings() {
			if err := s.kube.Create(ctx, object); err != nil {
				return nil, fmt.Errorf("create %s: %w", object.GetName(), err)
			}
		}
	}
	return s, nil
}

func (s *stage) connect() (err error) {
	if err := v1alpha1.AddToScheme(clientgoscheme.Scheme); err != nil {
		return fmt.Errorf("build the scheme: %w", err)
	}
	config := rest.CopyConfig(s.env.Config)
	config.QPS = -1
	if s.kube, err = client.New(config, client.Options{Scheme: clientgoscheme.Scheme}); err != nil {
		return fmt.Errorf("connect to the API server: %w", err)
	}
	discovery, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return fmt.Errorf("connect to the API server: %w", err)
	}
	s.raw = discovery.RESTClient()
	return nil
}

// close stops everything, what was started last first.
func (s *stage) close() error {
	var errs []error
	if s.watcher != nil {
		s.watcher.stop()
	}
	if s.env != nil {
		errs = append(errs, s.env.Stop())
	}
	if s.atlas != nil {
		s.atlas.Close()
	}
	return errors.Join(errs...)
}

// moment is what the counters say, for differences.
type moment struct {
	at    time.Time
	atlas atlasCalls
	api   apiCalls
	cpu   time.Duration
}

// now reads all counters.
func (s *stage) now(ctx context.Context) (moment, error) {
	text, err := s.raw.Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return moment{}, fmt.Errorf("read the metrics of the API server: %w", err)
	}
	m := moment{at: time.Now(), atlas: callsOf(s.atlas)}
	if m.api, err = parseAPICalls(text); err != nil {
		return moment{}, err
	}
	if s.manager != nil {
		m.cpu, err = cpuTime(s.manager.process.PID())
	}
	return m, err
}

// since reads all counters and takes off an earlier moment. at is how long ago that was.
func (s *stage) since(ctx context.Context, earlier moment) (span, error) {
	m, err := s.now(ctx)
	if err != nil {
		return span{}, err
	}
	return span{
		lasted: m.at.Sub(earlier.at), atlas: m.atlas.since(earlier.atlas), api: m.api.since(earlier.api), cpu: m.cpu - earlier.cpu,
	}, nil
}

// span is what happened between two moments.
type span struct {
	lasted time.Duration
	atlas  atlasCalls
	api    apiCalls
	cpu    time.Duration
}
