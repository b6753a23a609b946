package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/internal/testenv"
)

// A client with an invalid token gets 401 and cannot fill the log with errors. An unavailable API server is an error
// and not a 401.
func TestMetricsRefuseAnInvalidToken(t *testing.T) {
	env := testenv.New(t, testenv.Options{WithoutCRDs: true})
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, test := range map[string]struct {
		config        *rest.Config
		authorization string
		status        int
		errors        bool
	}{
		"no token":          {env.Config, "", http.StatusUnauthorized, false},
		"an invalid token":  {env.Config, "Bearer invalid", http.StatusUnauthorized, false},
		"a token like ours": {env.Config, "Bearer eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.c2ln", http.StatusUnauthorized, false},
		"no API server":     {&rest.Config{Host: closed.URL}, "Bearer invalid", http.StatusInternalServerError, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, err := rest.HTTPClientFor(test.config)
			g.Expect(err).NotTo(HaveOccurred())
			filter, err := metricsFilter(test.config, client)
			g.Expect(err).NotTo(HaveOccurred())
			var log bytes.Buffer
			handler, err := filter(zap.New(zap.WriteTo(&log)), http.NotFoundHandler())
			g.Expect(err).NotTo(HaveOccurred())
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			request.Header.Set("Authorization", test.authorization)
			answer := httptest.NewRecorder()

			handler.ServeHTTP(answer, request)

			g.Expect(answer.Code).To(Equal(test.status))
			level := ContainSubstring(`"level":"error"`)
			if !test.errors {
				level = Not(level)
			}
			g.Expect(log.String()).To(level)
			g.Expect(log.String()).NotTo(ContainSubstring("eyJ"), "the log holds no token")
		})
	}
}
