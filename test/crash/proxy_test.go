package crash_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// errDropped ends a call without an answer.
var errDropped = errors.New("dropped by the test")

// newProxy forwards to target and lets the gate see the calls that name knows.
func newProxy(t *testing.T, target string, upstream http.RoundTripper, gate *gate, name func(*http.Request) (call, bool)) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		// Watches are answers that never end.
		FlushInterval: -1,
		Transport:     &gatedTransport{upstream: upstream, gate: gate, name: name},
		// The client sees its connection cut, as when a network fails.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
	t.Cleanup(server.Close)
	return server.URL
}

// gatedTransport stands between a proxy and what it forwards to.
type gatedTransport struct {
	upstream http.RoundTripper
	gate     *gate
	name     func(*http.Request) (call, bool)
}

func (g *gatedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	called, ok := g.name(r)
	if !ok {
		return g.upstream.RoundTrip(r)
	}
	label, act := g.gate.enter(called)
	if act == nil {
		response, err := g.upstream.RoundTrip(r)
		g.gate.leave(label, outcome(response, err))
		return response, err
	}
	body, err := readAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	var answer *http.Response
	forward := func() {
		// Once on its way, a request does not come back because its sender has died.
		sent := r.Clone(context.WithoutCancel(r.Context()))
		sent.Body = io.NopCloser(bytes.NewReader(body))
		answer, err = whole(g.upstream.RoundTrip(sent)) //nolint:bodyclose // whole does
		g.gate.leave(label, outcome(answer, err))
	}
	if deliver := act(forward); deliver {
		return answer, err
	}
	g.gate.leave(label, "no answer")
	return nil, errDropped
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

// whole reads an answer to its end: only then everything is done that belongs to it.
func whole(response *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	body, err := readAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func outcome(response *http.Response, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return response.Status
}
