package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// printMarkdown prints the results in a file as docs/benchmark.md shows them.
func printMarkdown(out io.Writer, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the results: %w", err)
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("read the results from %s: %w", path, err)
	}
	fmt.Fprintf(out, "%s, %s: %d cores (%s), %s, manager %s.\n", r.Machine.Time.Format("2006-01-02"), r.Machine.System,
		r.Machine.Cores, r.Machine.Processor, r.Machine.Go, strings.TrimSpace(r.Machine.Manager))
	for _, s := range r.Sections {
		fmt.Fprintf(out, "\n#### `%s`: %s\n\n| what | measured | at most |\n|---|---|---|\n", s.Name, s.Title)
		for _, row := range s.Rows {
			measured := row.value()
			if row.missed() {
				measured = "**" + measured + "**"
			}
			fmt.Fprintf(out, "| %s | %s | %s |\n", row.What, measured, row.limit())
		}
	}
	return nil
}
