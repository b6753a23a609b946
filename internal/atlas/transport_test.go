package atlas

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// cutter accepts a request and closes the connection without a response.
func cutter(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestMissingResponses(t *testing.T) {
	noDNS := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}}
	}
	hangingDial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	hang := make(chan struct{})
	defer close(hang)
	hanging := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}
	dial := func(d func(context.Context, string, string) (net.Conn, error)) func(*fake, *Options) {
		return func(_ *fake, o *Options) {
			transport := newTransport()
			transport.DialContext = d
			o.Transport = transport
		}
	}
	short := func(o *Options) { o.Timeout = 100 * time.Millisecond }

	for name, tc := range map[string]struct {
		api     http.HandlerFunc
		change  func(*fake, *Options)
		class   string
		unknown bool
	}{
		"cut":             {cutter, nil, "connection cut", true},
		"too late":        {hanging, func(_ *fake, o *Options) { short(o) }, "timeout", true},
		"refused":         {cutter, func(f *fake, _ *Options) { f.Server.Close() }, "connection refused", false},
		"host not found":  {cutter, dial(noDNS), "host not found", false},
		"dialed too long": {cutter, func(f *fake, o *Options) { dial(hangingDial)(f, o); short(o) }, "timeout", false},
		"not TLS":         {cutter, func(f *fake, o *Options) { o.BaseURL = "https" + f.URL[4:] }, "TLS handshake failed", false},
		"unreported by its transport": {cutter, func(_ *fake, o *Options) {
			o.Transport = roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("some way") })
		}, "no answer", true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, tc.api)
			c := apiKeyClient(t, f, func(o *Options) {
				if tc.change != nil {
					tc.change(f, o)
				}
			})
			_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(IsUnavailable(err)).To(BeTrue())
			g.Expect(Class(err)).To(Equal(tc.class), "%v", err)
			g.Expect(IsOutcomeUnknown(err)).To(Equal(tc.unknown))
			e, ok := AsError(err)
			g.Expect(ok).To(BeTrue())
			g.Expect(e.StatusCode).To(BeZero())
			g.Expect(len(f.seen())).To(BeNumerically("<=", 1))
		})
	}
}

// apiKeyClient sends its first request without a token request.
func apiKeyClient(t *testing.T, f *fake, change func(*Options)) *Client {
	t.Helper()
	opts := Options{BaseURL: f.URL, Timeout: 5 * time.Second}
	change(&opts)
	c, err := New(apiKey, opts)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

func TestInterruptedReadIsRetried(t *testing.T) {
	for name, cut := range map[string]http.HandlerFunc{
		"before the answer": cutter,
		"in the answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"_id"`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var calls atomic.Int32
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) < 3 {
					cut(w, r)
					return
				}
				answer(w, 200, `{"_id":"x"}`)
			})
			_, err := f.client(t).GetPrivateLink(t.Context(), project, linkID)
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}

func TestAnEndlessAnswerIsReadOnce(t *testing.T) {
	g := NewWithT(t)
	f := serve(t, huge(200))
	_, err := f.client(t).GetPrivateLink(t.Context(), project, linkID)
	g.Expect(Class(err)).To(Equal("answer too large"))
	g.Expect(f.seen()).To(HaveLen(1))
}

func TestACancelledCallEnds(t *testing.T) {
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := f.client(t).CreatePrivateLink(ctx, project, linkRequest)
	g.Expect(errors.Is(err, context.Canceled)).To(BeTrue())
	g.Expect(Class(err)).To(Equal("cancelled"))
	g.Expect(IsOutcomeUnknown(err)).To(BeTrue())

	calls := len(f.seen())
	_, err = f.client(t).CreatePrivateLink(ctx, project, linkRequest)
	g.Expect(errors.Is(err, context.Canceled)).To(BeTrue())
	g.Expect(IsOutcomeUnknown(err)).To(BeFalse(), "it was cancelled before")
	g.Expect(f.seen()).To(HaveLen(calls))
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"/elsewhere", "http://127.0.0.1:1/", "http://%zz/", ""} {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			})
			_, err := f.client(t).GetPrivateLink(t.Context(), project, linkID)
			g.Expect(Class(err)).To(Equal(fmt.Sprint("HTTP ", status)))
			g.Expect(f.seen()).To(HaveLen(1))
		}
	}
}

func TestOverTLS(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			g := NewWithT(t)
			var protocol, cut atomic.Int32
			f := &fake{}
			f.Server = httptest.NewUnstartedServer(f.handler(func(w http.ResponseWriter, r *http.Request) {
				protocol.Store(int32(r.ProtoMajor))
				if cut.Load() > 0 {
					cutter(w, r)
				}
				answer(w, 200, `{"_id":"x"}`)
			}))
			f.EnableHTTP2 = http2
			f.Config.ErrorLog = discardLog()
			f.StartTLS()
			defer f.Server.Close()

			_, err := f.client(t).CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(Class(err)).To(Equal("TLS certificate not trusted"))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse())
			direct := apiKeyClient(t, f, func(*Options) {})
			_, err = direct.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(Class(err)).To(Equal("TLS certificate not trusted"))
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse(), "not sent in the handshake")

			transport := newTransport()
			transport.TLSClientConfig = &tls.Config{RootCAs: f.Server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
			c := f.client(t, func(o *Options) { o.Transport = transport })
			_, err = c.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(protocol.Load()).To(Equal(map[bool]int32{false: 1, true: 2}[http2]))

			cut.Store(1) // on the open connection
			before := len(f.seen())
			_, err = c.CreatePrivateLink(t.Context(), project, linkRequest)
			g.Expect(err).To(HaveOccurred())
			g.Expect(IsOutcomeUnknown(err)).To(BeTrue())
			g.Expect(f.seen()).To(HaveLen(before + 1))
		})
	}
}

func TestNoGlobalIsChanged(t *testing.T) {
	g := NewWithT(t)
	transport := http.DefaultTransport
	f := serve(t, always(200, `{"_id":"x"}`))
	c := f.client(t)
	_, err := c.GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.Close(t.Context())).To(Succeed())
	g.Expect(*http.DefaultClient).To(BeZero()) //nolint:forbidigo // to see that it stays as it is
	g.Expect(http.DefaultTransport).To(BeIdenticalTo(transport))
	g.Expect(c.transport).NotTo(BeIdenticalTo(transport))
}
