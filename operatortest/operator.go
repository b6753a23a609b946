package operatortest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/internal/manager"
)

// syncTimeout bounds how long a manager may take until it knows what the API server has.
const syncTimeout = time.Minute

// startOperator runs the manager in this process, with the flags that it is given as on a command line.
func (s *Stack) startOperator(c *config) error {
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says what is wrong
	var settings manager.Options
	settings.Bind(flags)
	given := append(append([]string{"--atlas-base-url=" + s.Atlas.URL}, fast...), c.flags...)
	err := flags.Parse(given)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	if err := errors.Join(err, settings.Validate()); err != nil {
		return fmt.Errorf("read the manager's flags: %w", err)
	}

	log := &testLog{t: s.t}
	host := manager.Host{Version: "test", Logger: settings.Logger(zap.WriteTo(log)), Metrics: prometheus.NewRegistry()}
	if strings.HasPrefix(s.Atlas.URL, "https:") {
		host.Transport = s.Atlas.Client().Transport // trusts the simulator's certificate
	}
	ctx, cancel := context.WithCancel(context.Background())
	mgr, err := manager.New(ctx, s.Config, &settings, host)
	if err != nil {
		cancel()
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	s.atStop("stop the operator", func() error {
		cancel()
		err := <-ended
		log.close()
		return err
	})
	return awaitSync(ctx, mgr, ended)
}

// awaitSync returns when the manager's caches are filled.
func awaitSync(ctx context.Context, mgr *manager.Manager, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	synced := make(chan bool, 1)
	go func() { synced <- mgr.GetCache().WaitForCacheSync(ctx) }()
	select {
	case err := <-ended:
		ended <- nil // for the end of the test
		return fmt.Errorf("run the manager: %w", err)
	case ok := <-synced:
		if !ok {
			return fmt.Errorf("the manager's caches are not filled after %s", syncTimeout)
		}
		return nil
	}
}

// testLog writes lines to the log of a test until it is closed: a test that has ended must not log.
type testLog struct {
	t TB

	mu     sync.Mutex
	closed bool
}

// Write takes whole lines, which is what zap writes.
func (l *testLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.t.Logf("%s", strings.TrimSuffix(string(line), "\n"))
	}
	return len(line), nil
}

func (l *testLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}
