package atlas

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

func TestClassIsStable(t *testing.T) {
	opError := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	for class, errs := range map[string][]error{
		"connection refused":          {opError(syscall.ECONNREFUSED)},
		"connection cut":              {opError(syscall.ECONNRESET), opError(syscall.EPIPE), io.EOF, io.ErrUnexpectedEOF, net.ErrClosed},
		"host unreachable":            {opError(syscall.EHOSTUNREACH), opError(syscall.ENETUNREACH)},
		"timeout":                     {context.DeadlineExceeded, os.ErrDeadlineExceeded, &net.DNSError{IsTimeout: true}, opError(syscall.ETIMEDOUT)},
		"cancelled":                   {context.Canceled},
		"host not found":              {&net.DNSError{IsNotFound: true, Name: "h"}},
		"name resolution failed":      {&net.DNSError{Err: "server misbehaving", IsTemporary: true}},
		"TLS certificate not trusted": {&tls.CertificateVerificationError{Err: errors.New("x")}, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}},
		"TLS handshake failed":        {tls.RecordHeaderError{}},
		"no answer":                   {errors.New("anything")},
	} {
		for _, err := range errs {
			g := NewWithT(t)
			g.Expect(Class(fmt.Errorf("wrapped: %w", err))).To(Equal(class), "%T", err)
			g.Expect(Class(&Error{cause: err})).To(Equal(class), "%T", err)
		}
	}
}
