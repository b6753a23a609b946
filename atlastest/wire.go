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

// Cut says how a connection is cut where an answer was due.
type Cut string

// The ways to cut. Those with the name of an error code, and CutGoAway, need
// HTTP/2, which a server has with [WithTLS] only; over HTTP/1 they close the
// connection, as CutClose does.
const (
	// CutClose closes the connection over HTTP/1 and resets the stream with
	// INTERNAL_ERROR over HTTP/2.
	CutClose Cut = ""
	// CutReset resets the TCP connection, and with it every stream on it.
	CutReset Cut = "RESET"
	// CutProtocolError and the others reset the stream with that code. Go's
	// transport sends a request again after PROTOCOL_ERROR and REFUSED_STREAM
	// when it can.
	CutProtocolError Cut = "PROTOCOL_ERROR"
	CutInternalError Cut = "INTERNAL_ERROR"
	CutRefusedStream Cut = "REFUSED_STREAM"
	CutCancel        Cut = "CANCEL"
	// CutGoAway sends GOAWAY with the claim that the stream was not looked at.
	CutGoAway Cut = "GOAWAY"
)

// streamErrors are the error codes of RFC 9113 section 7.
var streamErrors = map[Cut]uint32{
	CutClose: 2, CutInternalError: 2, CutProtocolError: 1, CutRefusedStream: 7, CutCancel: 8, CutGoAway: 0,
}

// wireListener does TLS itself and hands plain HTTP/2 to net/http, which lets a
// handler choose neither the code of RST_STREAM nor to reset a connection.
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

// Accept leaves the TLS handshake to the first read of the connection.
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

// wireConn is a connection of a client. It must not show its TLS state, or
// net/http would not look for HTTP/2.
type wireConn struct {
	net.Conn
	raw net.Conn
	tls *tls.Conn

	frames frameScanner // used by one writer at a time
	mu     sync.Mutex
	cuts   []plannedCut // of streams that are about to be reset, guarded by mu
}

type plannedCut struct {
	how Cut
	at  time.Time
}

// cutWithin is how soon the reset of an aborted handler is written. One whose
// client has gone away is not written at all.
const cutWithin = time.Second

type wireKey struct{}

func withWire(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, wireKey{}, conn)
}

// cutOff ends a request without an answer, or without the rest of it.
func cutOff(r *http.Request, how Cut) {
	conn, ok := r.Context().Value(wireKey{}).(*wireConn)
	switch {
	case !ok:
	case how == CutReset:
		conn.reset()
	case r.ProtoMajor == 2 && r.Context().Err() == nil: // else nothing is sent any more
		conn.mu.Lock()
		conn.cuts = append(conn.cuts, plannedCut{how, time.Now()})
		conn.mu.Unlock()
	}
	panic(http.ErrAbortHandler) // the documented way to end without an answer
}

func (c *wireConn) reset() {
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the close below resets the connection
	}
	_ = c.raw.Close()
}

// Read tells a client that has forgotten TLS, as net/http does where TLS is its own.
func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && plain.Conn != nil && plain.RecordHeader[0] >= 'A' {
		_, _ = io.WriteString(c.raw, "HTTP/1.0 400 Bad Request\r\n\r\nThis server speaks HTTPS: use an address that begins with https://.\n")
	}
	return n, err
}

// CloseWrite lets net/http end an answer before it has read the whole request.
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

// rewriteReset gives the reset of an aborted handler the code that was asked
// for. With several at once the codes may change places.
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
