package main

import (
	"io"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestOptions(t *testing.T) {
	g := NewWithT(t)
	o, err := parseOptions(nil, io.Discard)
	g.Expect(err).NotTo(HaveOccurred())
	for _, name := range sectionNames() {
		g.Expect(o.wants(name)).To(BeTrue(), name)
	}
	o, err = parseOptions([]string{"--only", "storm, scale", "--scale=400"}, io.Discard)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(o.wants("storm") && o.wants("scale")).To(BeTrue())
	g.Expect(o.wants("links")).To(BeFalse())

	for name, args := range map[string][]string{
		"no such section":    {"--only=stroms"},
		"--links 0":          {"--links=0"},
		"--connections 1":    {"--connections=1"},
		"--scale 199":        {"--scale=199"},
		"positive durations": {"--idle=0s"},
		"invalid value":      {"--links=many"},
	} {
		_, err := parseOptions(args, io.Discard)
		g.Expect(err).To(MatchError(ContainSubstring(name)))
	}
}

// The baseline is started by the arguments that it is given.
func TestPollingArguments(t *testing.T) {
	g := NewWithT(t)
	p := polling{baseURL: "http://127.0.0.1:1", path: "/p", objects: 3, perMinute: 60, lasts: time.Second}
	o, err := parseOptions(p.args(), io.Discard)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(o.polling).To(Equal(p))
	for passed, due := range map[time.Duration]int{0: 0, 999 * time.Millisecond: 0, time.Second: 1, time.Minute: 60} {
		g.Expect(p.due(passed)).To(Equal(due), "after %s", passed)
	}
}

func TestCPUTime(t *testing.T) {
	g := NewWithT(t)
	const tail = " S 1 2 3 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 9 0 12345 1000 2000"
	for _, name := range []string{"(manager)", "(a (b) c 1 2)"} {
		g.Expect(parseCPUTime("4711 " + name + tail)).To(Equal(3 * time.Second))
	}
	for _, stat := range []string{"", "4711 (manager) S 1 2", "4711 (m) S 1 2 3 0 -1 4194560 100 0 0 0 x 50 7"} {
		_, err := parseCPUTime(stat)
		g.Expect(err).To(HaveOccurred(), "%q", stat)
	}
}

func TestOwnProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc here")
	}
	g := NewWithT(t)
	g.Expect(peakMemory(os.Getpid())).To(BeNumerically(">", 1))
	_, err := cpuTime(os.Getpid())
	g.Expect(err).NotTo(HaveOccurred())
	_, err = peakMemory(-1)
	g.Expect(err).To(MatchError(ContainSubstring("VmHWM")))
}
