package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is one line of the table: a measurement, and what it may be at most.
type row struct {
	What     string  `json:"what"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit,omitempty"`
	// Limit is nil for a figure without one.
	Limit *float64 `json:"limit,omitempty"`
	// Exact means that the limit has to be met and not only kept.
	Exact bool `json:"exact,omitempty"`
	OK    bool `json:"ok"`
	// Note says what the measurement is made of.
	Note string `json:"note,omitempty"`
}

// figure is a measurement without a limit.
func figure(what string, measured float64, unit string) row {
	return row{What: what, Measured: measured, Unit: unit, OK: true}
}

func atMost(what string, measured float64, unit string, limit float64) row {
	return row{What: what, Measured: measured, Unit: unit, Limit: &limit, OK: measured <= limit}
}

func exactly(what string, measured, limit float64) row {
	return row{What: what, Measured: measured, Limit: &limit, Exact: true, OK: measured == limit}
}

func (r row) noted(format string, args ...any) row {
	r.Note = fmt.Sprintf(format, args...)
	return r
}

func (r row) missed() bool { return r.Limit != nil && !r.OK }

// limit as the table shows it.
func (r row) limit() string {
	switch {
	case r.Limit == nil:
		return ""
	case r.Exact:
		return "= " + number(*r.Limit)
	default:
		return number(*r.Limit)
	}
}

// value is what was measured, with its unit.
func (r row) value() string { return strings.TrimSpace(number(r.Measured) + " " + r.Unit) }

func (r row) verdict() string {
	switch {
	case r.Limit == nil:
		return ""
	case r.OK:
		return "ok"
	default:
		return "MISSED"
	}
}

// number has two digits after the point, or none that are not needed.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}

// writeTable prints rows in columns. Notes of missed limits follow, because they tell where to look.
func writeTable(out io.Writer, rows []row) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\nwhat\tmeasured\tat most\tok\n")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.What, r.value(), r.limit(), r.verdict())
	}
	_ = w.Flush() // to the terminal: nobody to tell
	for _, r := range rows {
		if r.missed() && r.Note != "" {
			fmt.Fprintf(out, "  missed: %s: %s\n", r.What, r.Note)
		}
	}
}
