package atlastest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Cut selects how a connection is closed instead of a response.
type Cut string

// The ways to cut a connection. Those named after an HTTP/2 error code, and CutGoAway, need HTTP/2, which a server
// supports only with [WithTLS]. With HTTP/1 they close the connection like CutClose.
const (
	// CutClose closes the connection (HTTP/1) or resets the stream with INTERNAL_ERROR (HTTP/2).
	CutClose Cut = ""
	// CutReset resets the TCP connection, and so all of its streams.
	CutReset Cut = "RESET"
	// CutProtocolError and the following reset the stream with that code. Go's transport may retry a request after
	// PROTOCOL_ERROR and REFUSED_STREAM.
	CutProtocolError Cut = "PROTOCOL_ERROR"
	CutInternalError Cut = "INTERNAL_ERROR"
	CutRefusedStream Cut = "REFUSED_STREAM"
	CutCancel        Cut = "CANCEL"
	// CutGoAway sends GOAWAY and claims that the stream was not processed.
	CutGoAway Cut = "GOAWAY"
)

// streamErrors are the error codes of RFC 9113 section 7.
var streamErrors = map[Cut]uint32{
	CutClose: 2, CutInternalError: 2, CutProtocolError: 1, CutRefusedStream: 7, CutCancel: 8, CutGoAway: 0,
}

// wireListener handles TLS itself and passes plain HTTP/2 to net/http, because an http.Handler can neither choose the
// code of RST_STREAM nor reset a connection.
type wireListener struct {
	net.Listener
	tls *tls.Config // nil for plain HTTP/1
}

func newWireListener(l net.Listener, cfg *tls.Config) wireListener {
	if cfg != nil && len(cfg.NextProtos) == 0 {
		cfg = cfg.Clone()
		cfg.NextProtos = []string{"h2", "http/1.1"}
	}
	return wireListener{Listener: l, tls: cfg}
}

func (l wireListener) protocols() *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(l.tls != nil)
	return p
}

// Accept defers the TLS handshake to the first read.
func (l wireListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	w := &wireConn{Conn: conn, raw: conn}
	if l.tls != nil {
		w.tls = tls.Server(conn, l.tls)
		w.Conn = w.tls
	}
	return w, nil
}

// wireConn is a client's connection. It hides its TLS state, because otherwise net/http does not detect HTTP/2.
type wireConn struct {
	net.Conn
	raw net.Conn
	tls *tls.Conn

	frames frameScanner // used by one writer at a time
	mu     sync.Mutex
	cuts   []plannedCut // streams to be reset, guarded by mu
}

type plannedCut struct {
	how Cut
	at  time.Time
}

// cutWithin limits how late the reset of an aborted handler is written. If the client has gone away, no reset is
// written.
const cutWithin = time.Second

type wireKey struct{}

func withWire(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, wireKey{}, conn)
}

// cutOff ends a request without a response, or in the middle of it.
func cutOff(r *http.Request, how Cut) {
	conn, ok := r.Context().Value(wireKey{}).(*wireConn)
	switch {
	case !ok:
	case how == CutReset:
		conn.reset()
	case r.ProtoMajor == 2 && r.Context().Err() == nil: // otherwise nothing is sent
		conn.mu.Lock()
		conn.cuts = append(conn.cuts, plannedCut{how, time.Now()})
		conn.mu.Unlock()
	}
	panic(http.ErrAbortHandler) // the documented way to abort a response
}

func (c *wireConn) reset() {
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the close below resets the connection
	}
	_ = c.raw.Close()
}

// Read responds to plain HTTP on a TLS port, as net/http does with its own TLS.
func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && plain.Conn != nil && plain.RecordHeader[0] >= 'A' {
		_, _ = io.WriteString(c.raw, "HTTP/1.0 400 Bad Request\r\n\r\nThis server speaks HTTPS: use an address that begins with https://.\n")
	}
	return n, err
}

// CloseWrite lets net/http finish a response before it has read the whole request.
func (c *wireConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *wireConn) Write(p []byte) (int, error) {
	if c.tls == nil || c.tls.ConnectionState().NegotiatedProtocol != "h2" {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(c.frames.rewrite(p, c.rewriteReset)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// rewriteReset sets the error code of an aborted handler's reset. Concurrent resets may swap their codes.
func (c *wireConn) rewriteReset(stream, code uint32) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.cuts) > 0 && time.Since(c.cuts[0].at) > cutWithin {
		c.cuts = c.cuts[1:]
	}
	if code != streamErrors[CutInternalError] || len(c.cuts) == 0 {
		return resetFrame(stream, code)
	}
	how := c.cuts[0].how
	c.cuts = c.cuts[1:]
	if how == CutGoAway {
		return goAwayFrame(max(stream, 2)-2, streamErrors[how])
	}
	return resetFrame(stream, streamErrors[how])
}
