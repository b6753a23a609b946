package atlas

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
)

// HTTP/2 (RFC 9113): frame types, flags and error codes.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7
	flagEndStream, flagAck, flagEndHeaders                          = 1, 1, 4
	codeProtocolError, codeInternalError, codeRefusedStream         = 1, 2, 7
)

// ending is how the server ends a request that it has executed.
type ending struct {
	// resets is the error code of the stream's reset.
	resets uint32
	// goAway ends the connection instead and claims that no stream was read.
	goAway bool
}

// h2Server implements just enough HTTP/2 to execute a request and then end its stream.
type h2Server struct {
	*httptest.Server

	ending
	// spared is the number of requests before that are answered with a token.
	spared int

	mu       sync.Mutex
	requests int
	headers  []byte // the flags of each request's header frame
	bodies   []string
}

func serveH2(t *testing.T, s *h2Server) *h2Server {
	t.Helper()
	s.Server = httptest.NewUnstartedServer(nil)
	s.TLS = &tls.Config{NextProtos: []string{"h2"}}
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) { s.serve(conn) },
	}
	s.Config.ErrorLog = discardLog()
	s.StartTLS()
	t.Cleanup(s.CloseClientConnections)
	return s
}

func (s *h2Server) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	_, _ = in.Discard(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	writeFrame(conn, frameSettings, 0, 0, nil)
	body := map[uint32]string{}
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(in, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch kind {
		case frameSettings:
			if flags&flagAck == 0 {
				writeFrame(conn, frameSettings, flagAck, 0, nil)
			}
			continue
		case frameHeaders:
			s.mu.Lock()
			s.headers = append(s.headers, flags)
			s.mu.Unlock()
		case frameData:
			body[stream] += string(payload)
		default:
			continue
		}
		if flags&flagEndStream != 0 && !s.finish(conn, stream, body[stream]) {
			return
		}
	}
}

// finish ends an executed request; false closes the connection.
func (s *h2Server) finish(conn net.Conn, stream uint32, body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.bodies = append(s.bodies, body)
	if s.requests <= s.spared {
		writeFrame(conn, frameHeaders, flagEndHeaders, stream, []byte{0x88}) // :status 200
		writeFrame(conn, frameData, flagEndStream, stream, []byte(`{"access_token":"t","expires_in":3600}`))
		return true
	}
	if s.goAway {
		writeFrame(conn, frameGoAway, 0, 0, make([]byte, 8))
		return false
	}
	writeFrame(conn, frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, s.resets))
	return true
}

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload []byte) {
	n := len(payload)
	frame := binary.BigEndian.AppendUint32([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, stream)
	_, _ = w.Write(append(frame, payload...))
}

func (s *h2Server) client(t *testing.T) *Client {
	t.Helper()
	transport := newTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: s.Server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(account, Options{BaseURL: s.URL, Transport: transport})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}

func TestWriteIsNotRetriedAfterStreamReset(t *testing.T) {
	for name, end := range map[string]ending{
		"PROTOCOL_ERROR": {resets: codeProtocolError},
		"REFUSED_STREAM": {resets: codeRefusedStream},
		"INTERNAL_ERROR": {resets: codeInternalError},
		"GOAWAY":         {goAway: true},
	} {
		for operation, call := range apiCalls {
			if call.method == http.MethodGet {
				continue
			}
			t.Run(name+" "+operation, func(t *testing.T) {
				t.Parallel()
				g := NewWithT(t)
				s := serveH2(t, &h2Server{ending: end, spared: 1})
				err := call.do(t.Context(), s.client(t))
				g.Expect(IsOutcomeUnknown(err)).To(BeTrue(), "%v", err)
				g.Expect(IsUnavailable(err)).To(BeTrue())
				g.Expect(s.requests).To(Equal(1+1), "the token and the call")
				if call.body != "" {
					g.Expect(s.bodies[1]).To(MatchJSON(call.body))
				} else {
					g.Expect(s.headers[1]&flagEndStream).NotTo(BeZero(), "nothing is announced that could be taken for a body")
				}
			})
		}
		t.Run(name+" FetchToken", func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := serveH2(t, &h2Server{ending: end})
			err := update(t.Context(), s.client(t), project)
			g.Expect(err).To(HaveOccurred())
			g.Expect(IsOutcomeUnknown(err)).To(BeFalse(), "the call itself was not sent")
			g.Expect(s.requests).To(Equal(1))
		})
		t.Run(name+" RevokeToken", func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			s := serveH2(t, &h2Server{ending: end, spared: 2})
			c := s.client(t)
			g.Expect(get(t.Context(), c, project)).NotTo(Succeed(), "the answer is a token")
			g.Expect(c.Close(t.Context())).NotTo(Succeed())
			g.Expect(s.requests).To(Equal(2 + 1))
		})
	}
}

// A server may close an idle connection while a request arrives.
func TestWriteIsNotRetriedAfterConnectionClose(t *testing.T) {
	for operation, call := range apiCalls {
		if call.method == http.MethodGet {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			g := NewWithT(t)
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					answer(w, 200, `{"_id":"x"}`)
					return
				}
				cutter(w, r)
			})
			c := f.client(t)
			g.Expect(get(t.Context(), c, project)).To(Succeed(), "there is a connection to use again")
			err := call.do(t.Context(), c)
			g.Expect(IsOutcomeUnknown(err)).To(BeTrue(), "%v", err)
			g.Expect(f.seen()).To(HaveLen(1 + 1))
			sent := f.seen()[1].Header
			g.Expect(sent).NotTo(HaveKey("Transfer-Encoding"))
		})
	}
}

// A body has its Content-Length, and a write without a body has neither.
func TestWritesHaveContentLength(t *testing.T) {
	for operation, call := range apiCalls {
		t.Run(operation, func(t *testing.T) {
			g := NewWithT(t)
			var length int64
			var encoding []string
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				length, encoding = r.ContentLength, r.TransferEncoding
				answer(w, 200, call.reply)
			})
			g.Expect(call.do(t.Context(), f.client(t))).To(Succeed())
			g.Expect(length).To(Equal(int64(len(f.seen()[0].Body))))
			g.Expect(encoding).To(BeEmpty())
		})
	}
}

func TestRedirectsOfWritesAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for operation, call := range apiCalls {
			if call.method == http.MethodGet {
				continue
			}
			t.Run(fmt.Sprint(operation, " ", status), func(t *testing.T) {
				g := NewWithT(t)
				f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(status)
				})
				err := call.do(context.WithoutCancel(t.Context()), f.client(t))
				g.Expect(IsOutcomeUnknown(err)).To(BeTrue())
				g.Expect(f.seen()).To(HaveLen(1))
			})
		}
	}
}
