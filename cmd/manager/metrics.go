package main

import (
	"net/http"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// refusedToken is part of the error for a rejected token. The API server has no type for it.
const refusedToken = "invalid bearer token"

// metricsFilter admits clients that the API server authenticates and authorizes. It wraps controller-runtime's filter,
// which responds with 500 and logs an error with a stack trace for an invalid token. That is a client error: 401.
func metricsFilter(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
	filter, err := filters.WithAuthenticationAndAuthorization(config, client)
	if err != nil {
		return nil, err
	}
	return func(log logr.Logger, handler http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			refused := false // per request: the filter reports the reason only in the log
			guarded, err := filter(log.WithSink(refusals{log.GetSink(), &refused}), handler)
			if err != nil {
				http.Error(w, "Authentication failed", http.StatusInternalServerError)
				return
			}
			guarded.ServeHTTP(refusedWriter{w, &refused}, r)
		}), nil
	}, nil
}

// refusals is a log sink that records a rejected token and passes on everything else.
type refusals struct {
	logr.LogSink
	refused *bool
}

func (s refusals) Error(err error, message string, keysAndValues ...any) {
	if err != nil && strings.Contains(err.Error(), refusedToken) {
		*s.refused = true
		return
	}
	s.LogSink.Error(err, message, keysAndValues...)
}

// refusedWriter responds with 401 after a rejected token.
type refusedWriter struct {
	http.ResponseWriter
	refused *bool
}

func (w refusedWriter) WriteHeader(status int) {
	if *w.refused {
		status = http.StatusUnauthorized
	}
	w.ResponseWriter.WriteHeader(status)
}
