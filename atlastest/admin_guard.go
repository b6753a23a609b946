package atlastest

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
)

// guardAdmin rejects requests of web pages that run in a browser on the same machine, because the administration API
// has no authentication. A page can send cross-origin requests (Origin, Sec-Fetch-Site, a plain form), or point a DNS
// name of its own site to this address (Host).
func (s *Server) guardAdmin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := s.refuseAdmin(r); refusal != nil {
			adminAnswer(w, r, func(*http.Request) (any, error) { return nil, refusal })
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) refuseAdmin(r *http.Request) error {
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case !s.adminHost(r):
		return &adminError{http.StatusForbidden, fmt.Sprintf(
			"the host %q is not allowed: use 127.0.0.1 or localhost, or allow it with WithControlHosts (--control-host)", r.Host)}
	case r.Header.Get("Origin") != "", site != "" && site != "same-origin" && site != "none":
		return &adminError{http.StatusForbidden, "requests of web pages are not allowed"}
	case r.Method == http.MethodPost && !isPlainJSON(r.Header.Get("Content-Type")):
		return &adminError{http.StatusUnsupportedMediaType, "the Content-Type must be application/json (curl --json)"}
	}
	return nil
}

// adminHost allows loopback, the address of the connection, which is not a DNS name of a web page, and the configured
// names.
func (s *Server) adminHost(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if ip := net.ParseIP(host); ip != nil {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		return ip.IsLoopback() || local != nil && ip.Equal(local.IP) || slices.Contains(s.cfg.controlHosts, host)
	}
	return host == "localhost" || slices.Contains(s.cfg.controlHosts, host)
}

func isPlainJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}
