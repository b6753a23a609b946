package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine is what the numbers were measured on.
type machine struct {
	Time      time.Time `json:"time"`
	Cores     int       `json:"cores"`
	Processor string    `json:"processor,omitempty"`
	Memory    string    `json:"memory,omitempty"`
	System    string    `json:"system"`
	Go        string    `json:"go"`
	// Manager is the version that the program reports, which `make` takes from git.
	Manager string `json:"manager"`
	// Load is the load average when the run began, by which one can tell whether the machine did other things.
	Load string `json:"load,omitempty"`
}

func (m *machine) learn(ctx context.Context, manager string) error {
	m.Time = time.Now().UTC().Truncate(time.Second)
	m.Cores, m.Go, m.System = runtime.NumCPU(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH
	version, err := exec.CommandContext(ctx, manager, "--version").Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version (`make bench` builds it): %w", manager, err)
	}
	m.Manager = strings.TrimSpace(string(version))
	m.Processor = field("/proc/cpuinfo", "model name")
	m.Memory = field("/proc/meminfo", "MemTotal")
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.TrimSpace(string(load))
	}
	return nil
}

// field is the value of the first line "name: value" of a file, empty when there is none.
func field(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
