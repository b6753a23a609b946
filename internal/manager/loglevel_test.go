package manager

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestFlagsSetTheLogLevel(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want zapcore.Level
	}{
		"default":     {nil, zapcore.InfoLevel},
		"development": {[]string{"--zap-devel"}, zapcore.DebugLevel},
		"a name":      {[]string{"--zap-log-level=error"}, zapcore.ErrorLevel},
		"a number":    {[]string{"--zap-log-level=3"}, zapcore.Level(-3)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			o, err := parse(t, c.args...)
			g.Expect(err).NotTo(HaveOccurred())
			level := o.zap.Level.(uberzap.AtomicLevel)
			g.Expect(level.Level()).To(Equal(c.want))
			level.SetLevel(zapcore.WarnLevel)
			g.Expect(o.zap.Level.Enabled(zapcore.InfoLevel)).To(BeFalse(), "the logger's level is another one")
		})
	}
}

// handlersOf returns what the metrics server also serves.
func handlersOf(g *WithT, o *Options) map[string]http.Handler {
	settings, err := o.manager(guardedHost)
	g.Expect(err).NotTo(HaveOccurred())
	return settings.Metrics.ExtraHandlers
}

func TestLogLevelIsServedGuardedOnly(t *testing.T) {
	g := NewWithT(t)
	open, err := parse(t, "--metrics-secure=false")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(handlersOf(g, open)).To(BeEmpty())

	guarded, err := parse(t)
	g.Expect(err).NotTo(HaveOccurred())
	handler := handlersOf(g, guarded)[logLevelPath]
	ask := func(method, body string) int {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, logLevelPath, strings.NewReader(body)))
		return answer.Code
	}
	g.Expect(ask(http.MethodPut, `{"level":"debug"}`)).To(Equal(http.StatusOK))
	g.Expect(guarded.zap.Level.(uberzap.AtomicLevel).Level()).To(Equal(zapcore.DebugLevel))
	g.Expect(ask(http.MethodPut, `{"level":"loud"}`)).To(Equal(http.StatusBadRequest))
	g.Expect(ask(http.MethodPost, `{"level":"info"}`)).To(Equal(http.StatusMethodNotAllowed))
	g.Expect(guarded.zap.Level.(uberzap.AtomicLevel).Level()).To(Equal(zapcore.DebugLevel))
}
