package manager

import (
	"net/http"

	"github.com/go-logr/logr"
	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// logLevelPath is where the metrics server returns (GET) and sets (PUT) the log level.
const logLevelPath = "/loglevel"

// Logger returns the logger configured by the flags.
func (o *Options) Logger(opts ...zap.Opts) logr.Logger {
	o.logLevel() // initialized before the logger uses it
	return zap.New(append([]zap.Opts{zap.UseFlagOptions(&o.zap)}, opts...)...)
}

// logLevel is the level from the flags. It can be changed while the manager runs.
func (o *Options) logLevel() uberzap.AtomicLevel {
	switch level := o.zap.Level.(type) {
	case uberzap.AtomicLevel:
		return level
	case *uberzap.AtomicLevel:
		return *level
	}
	level := uberzap.NewAtomicLevelAt(zapcore.InfoLevel)
	if o.zap.Development {
		level.SetLevel(zapcore.DebugLevel)
	}
	o.zap.Level = level
	return level
}

// serveLogLevel is zap's handler for {"level": "debug"}. It also logs the change.
func serveLogLevel(level uberzap.AtomicLevel) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := level.Level()
		level.ServeHTTP(w, r)
		if after := level.Level(); after != before {
			ctrl.Log.Info("Log level changed", "from", before.String(), "to", after.String())
		}
	})
}
