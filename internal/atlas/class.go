package atlas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
)

// classCut is the class of a connection that was closed during a call.
const classCut = "connection cut"

// Class returns a short, stable description of an error, such as "connection refused", "timeout" or
// "HTTP 429 RATE_LIMITED". Unlike the error's text, it does not vary between attempts. Empty for
// nil.
func Class(err error) string {
	if err == nil {
		return ""
	}
	e, ok := AsError(err)
	switch {
	case !ok:
		return causeClass(err)
	case e.keptBack:
		return "rate limit, not sent"
	case e.cause != nil:
		return causeClass(e.cause)
	case e.Code != "":
		return "HTTP " + strconv.Itoa(e.StatusCode) + " " + cut(e.Code, maxCode)
	default:
		return "HTTP " + strconv.Itoa(e.StatusCode)
	}
}

func causeClass(err error) string {
	for _, known := range []struct {
		target error
		class  string
	}{
		{errTooLarge, "answer too large"},
		{errNotJSON, "not JSON"},
		{errUnexpectedJSON, "unexpected JSON"},
		{errEndlessPages, "endless list"},
		{errMovingPages, "list keeps changing"},
		{ErrClosed, "client closed"},
		{errNotRepeated, classCut},
		{context.Canceled, "cancelled"},
		{context.DeadlineExceeded, "timeout"},
		{syscall.ECONNREFUSED, "connection refused"},
		{syscall.ECONNRESET, classCut},
		{syscall.EPIPE, classCut},
		{syscall.EHOSTUNREACH, "host unreachable"},
		{syscall.ENETUNREACH, "host unreachable"},
		{net.ErrClosed, classCut},
	} {
		if errors.Is(err, known.target) {
			return known.class
		}
	}
	return typedClass(err)
}

func typedClass(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		switch {
		case dns.IsNotFound:
			return "host not found"
		case dns.IsTimeout:
			return "timeout"
		}
		return "name resolution failed"
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "timeout"
	}
	switch {
	case has[*tls.CertificateVerificationError](err), has[x509.UnknownAuthorityError](err), has[x509.HostnameError](err):
		return "TLS certificate not trusted"
	case has[tls.RecordHeaderError](err), has[tls.AlertError](err):
		return "TLS handshake failed"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return classCut
	default:
		return "no answer"
	}
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
