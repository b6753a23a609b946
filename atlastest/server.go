package atlastest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Server is a running simulator.
type Server struct {
	// URL is the base address without a trailing slash. Use it instead of https://cloud.mongodb.com.
	URL string

	cfg    config
	http   *http.Server
	admin  http.Handler
	served chan struct{}
	closed context.Context
	close  context.CancelFunc

	log *requestLog

	mu          sync.Mutex // guards everything below
	offset      time.Duration
	lastID      uint64
	projects    map[string]*project
	credentials map[string]*credential
	tokens      map[string]*token
	nonces      map[string]*nonce
	faults      []*FaultHandle
	faultSeq    int
	ledger      Ledger
	readFaults  []*ReadFaultHandle
	fairHoles   map[string]*fairHole // by list
	failRules   []*failRule
	writes      map[workspaceKey]*writeGauge
	buckets     map[bucketKey]*bucket
	waiting     map[*connection]struct{} // PENDING until their private link is DONE
	leaving     map[leaver]struct{}
}

// NewServer starts a simulator for a test and closes it when the test ends. If it cannot start, the test fails.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := Start(opts...)
	if err != nil {
		t.Fatalf("starting the Atlas simulator: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a simulator for a program. End it with [Server.Close] or [Server.Shutdown].
func Start(opts ...Option) (*Server, error) {
	s := newServer(newConfig(opts))
	listener, err := s.listen()
	if err != nil {
		s.close()
		return nil, err
	}
	scheme := "http"
	if s.cfg.tls != nil {
		scheme = "https"
	}
	s.URL = scheme + "://" + listener.Addr().String()
	wire := newWireListener(listener, s.cfg.tls)
	s.http = &http.Server{
		Handler:           s,
		Protocols:         wire.protocols(),
		ConnContext:       withWire,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          quietLog(),
	}
	go s.serve(wire)
	return s, nil
}

func newServer(cfg config) *Server {
	s := &Server{
		cfg:         cfg,
		served:      make(chan struct{}),
		log:         newRequestLog(cfg.requestLogs),
		projects:    map[string]*project{},
		credentials: map[string]*credential{},
		tokens:      map[string]*token{},
		nonces:      map[string]*nonce{},
		writes:      map[workspaceKey]*writeGauge{},
		buckets:     map[bucketKey]*bucket{},
		fairHoles:   map[string]*fairHole{},
		waiting:     map[*connection]struct{}{},
		leaving:     map[leaver]struct{}{},
	}
	s.closed, s.close = context.WithCancel(context.Background())
	s.admin = newAdmin(s)
	if !cfg.withoutDefaults {
		s.seedDefaults()
	}
	return s
}

func (s *Server) listen() (net.Listener, error) {
	if s.cfg.listener != nil {
		return s.cfg.listener, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(s.closed, "tcp", s.cfg.address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", s.cfg.address, err)
	}
	return l, nil
}

func (s *Server) serve(l net.Listener) {
	defer close(s.served)
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.cfg.logger.Error("the server ended", "error", err)
	}
}

// Close ends the server immediately and cuts waiting requests. It may be called repeatedly.
func (s *Server) Close() {
	s.close()
	_ = s.http.Close() // the listener is closed in any case
	<-s.served
}

// Shutdown stops accepting requests and waits for those in flight until ctx ends. Requests that only wait, for a
// latency or a fault, end immediately.
func (s *Server) Shutdown(ctx context.Context) error {
	s.close()
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("stopping the simulator: %w", err)
	}
	<-s.served
	return nil
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.served }

// Client returns a new HTTP client that trusts the server's certificate. It does not authenticate.
func (s *Server) Client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if s.cfg.tls != nil {
		transport.TLSClientConfig = clientTLS(s.cfg.tls)
	}
	context.AfterFunc(s.closed, transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
