package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// row is one resource in the table.
type row struct {
	namespace, resource               string // resource is kind/name, in kubectl's notation
	ready, state, reason, message, id string
}

func newRow(object *unstructured.Unstructured) row {
	status := func(field string) string {
		text, _, _ := unstructured.NestedString(object.Object, "status", field)
		return text
	}
	r := row{
		namespace: object.GetNamespace(),
		resource:  strings.ToLower(object.GetKind()) + "/" + object.GetName(),
		ready:     "Unknown",
		state:     status("state"),
		id:        status("id"),
	}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range conditions {
		condition, _ := item.(map[string]any)
		// Ignore a condition of an older generation.
		if condition["type"] == "Ready" && condition["observedGeneration"] == object.GetGeneration() {
			r.ready, _ = condition["status"].(string)
			r.reason, _ = condition["reason"].(string)
			r.message, _ = condition["message"].(string)
		}
	}
	return r
}

func allReady(rows []row) bool {
	for _, r := range rows {
		if r.ready != "True" {
			return false
		}
	}
	return true
}

// table shows changing rows: in place on a terminal, else one line per change.
type table struct {
	out           io.Writer
	started       time.Time
	width, height int // of the terminal; 0 means none
	drawn         int // lines on the terminal
	shown         map[string]row
	readied       map[string]time.Duration
}

func newTable(out io.Writer) *table {
	t := &table{out: out, started: time.Now(), shown: map[string]row{}, readied: map[string]time.Duration{}}
	if file, ok := out.(*os.File); ok {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil {
			t.width, t.height = width, height
		}
	}
	return t
}

func (t *table) show(rows []row) {
	for _, r := range rows {
		if key := r.namespace + "/" + r.resource; r.ready != "True" {
			delete(t.readied, key)
		} else if _, known := t.readied[key]; !known {
			t.readied[key] = time.Since(t.started)
		}
	}
	if t.height > len(rows)+1 { // lines that have scrolled off cannot be overwritten
		t.redraw(rows)
	} else {
		t.append(rows)
	}
}

// redraw overwrites the previous table.
func (t *table) redraw(rows []row) {
	var text bytes.Buffer
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "NAMESPACE\tRESOURCE\tREADY\tSTATE\tREASON\tATLAS ID\tREADY AFTER")
	for _, r := range rows {
		after := ""
		if d, ok := t.readied[r.namespace+"/"+r.resource]; ok {
			after = fmt.Sprintf("%.1f s", d.Seconds())
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.namespace, r.resource, r.ready, r.state, r.reason, r.id, after)
	}
	_ = columns.Flush() // writes to memory
	if t.drawn > 0 {
		fmt.Fprintf(t.out, "\x1b[%dA\x1b[J", t.drawn)
	}
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, " \n")
		// A wrapped line would shift the start of the next redraw.
		fmt.Fprintln(t.out, line[:min(len(line), t.width-1)])
	}
	t.drawn = strings.Count(text.String(), "\n")
}

// append writes the rows that changed.
func (t *table) append(rows []row) {
	now := map[string]row{}
	for _, r := range rows {
		key := r.namespace + "/" + r.resource
		now[key] = r
		if before, known := t.shown[key]; !known || before != r {
			t.line(r, orDash(r.ready), r.reason, r.message)
		}
	}
	for key, r := range t.shown {
		if _, still := now[key]; !still {
			t.line(r, "-", "Gone", "")
		}
	}
	t.shown = maps.Clone(now)
}

func (t *table) line(r row, ready, reason, message string) {
	text := fmt.Sprintf("%5.1f s  %-32s Ready=%-7s %-18s %s", time.Since(t.started).Seconds(), r.resource, ready, reason, message)
	fmt.Fprintln(t.out, strings.TrimRight(text, " "))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
