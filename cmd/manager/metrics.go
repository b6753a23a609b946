package main

import (
	"net/http"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// refusedToken is in the error of a token that the API server does not accept. There is no type to tell it by.
const refusedToken = "invalid bearer token"

// metricsFilter lets those pass whom the API server knows and allows. It is controller-runtime's filter, which answers
// 500 and logs an error with a stack trace for an invalid token as well: that is the caller's fault, and 401.
func metricsFilter(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
	filter, err := filters.WithAuthenticationAndAuthorization(config, client)
	if err != nil {
		return nil, err
	}
	return func(log logr.Logger, handler http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			refused := false // per request, since the log is the only place where the filter says why
			guarded, err := filter(log.WithSink(refusals{log.GetSink(), &refused}), handler)
			if err != nil {
				http.Error(w, "Authentication failed", http.StatusInternalServerError)
				return
			}
			guarded.ServeHTTP(refusedWriter{w, &refused}, r)
		}), nil
	}, nil
}

// refusals is a log that notes a refused token, and passes on everything else.
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

// refusedWriter answers 401 after a refusal.
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
