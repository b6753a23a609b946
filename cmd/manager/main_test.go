package main

import (
	"bytes"
	"encoding/json"
	"log"
	"log/slog"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// Libraries log to Go's standard logger, slog or klog. All of it appears as lines of the JSON log.
func TestEveryLoggerWritesJSON(t *testing.T) {
	g := NewWithT(t)
	before := slog.Default()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(os.Stderr)
		klog.ClearLogger()
	})
	var out bytes.Buffer
	setLoggers(zap.New(zap.WriteTo(&out)))

	log.Printf("http: TLS handshake error from %s: EOF", "192.0.2.1:1234") // as the metrics server does
	slog.Info("said by slog")
	klog.Info("said by klog")
	decoder := json.NewDecoder(&out)
	for _, want := range []string{"http: TLS handshake error from 192.0.2.1:1234: EOF", "said by slog", "said by klog"} {
		line := struct {
			Level, Msg string
			Time       string `json:"ts"`
		}{}
		g.Expect(decoder.Decode(&line)).To(Succeed())
		g.Expect(line.Msg).To(Equal(want))
		g.Expect(line.Level).To(Equal("info"))
		g.Expect(line.Time).NotTo(BeEmpty())
	}
	g.Expect(decoder.More()).To(BeFalse())
}
