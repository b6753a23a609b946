package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// report is the JSON file.
type report struct {
	Machine    machine    `json:"machine"`
	Parameters parameters `json:"parameters"`
	Sections   []*result  `json:"sections"`
}

// parameters are what the numbers depend on.
type parameters struct {
	Links         int     `json:"links"`
	Connections   int     `json:"connections"`
	Storm         int     `json:"storm"`
	Scale         int     `json:"scale"`
	LatencyMillis int64   `json:"latencyMillis"`
	IdleSeconds   float64 `json:"idleSeconds"`
	OutageSeconds float64 `json:"outageSeconds"`
}

// result is what one section measured.
type result struct {
	Name    string    `json:"name"`
	Title   string    `json:"title"`
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	Error   string    `json:"error,omitempty"`
	Rows    []row     `json:"rows"`
}

func newReport(o options) *report {
	return &report{Parameters: parameters{
		Links: o.links, Connections: o.connections, Storm: o.storm, Scale: o.scale,
		LatencyMillis: latency.Milliseconds(), IdleSeconds: o.idle.Seconds(), OutageSeconds: o.outage.Seconds(),
	}}
}

func (r *report) section(s section) *result {
	result := &result{Name: s.name, Title: s.title, Began: time.Now().UTC().Truncate(time.Second), Rows: []row{}}
	r.Sections = append(r.Sections, result)
	return result
}

// missed counts the limits that are not kept.
func (r *report) missed() (n int) {
	for _, s := range r.Sections {
		for _, row := range s.Rows {
			if row.missed() {
				n++
			}
		}
	}
	return n
}

func (r *report) summary() string {
	limits := 0
	for _, s := range r.Sections {
		for _, row := range s.Rows {
			if row.Limit != nil {
				limits++
			}
		}
	}
	return fmt.Sprintf("%d of %d limits are kept", limits-r.missed(), limits)
}

// save writes the file anew.
func (r *report) save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

func (r *result) add(rows ...row) { r.Rows = append(r.Rows, rows...) }

// fail notes that the section could not be measured to its end.
func (r *result) fail(err error) {
	r.Error = err.Error()
	r.add(exactly("the section was measured to its end", 0, 1))
}

func (r *result) end() { r.Seconds = time.Since(r.Began).Seconds() }
