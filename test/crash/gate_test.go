package crash_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// gate sees every call of one replica to Atlas and every write of it to the API server, gives each a label that is
// the same in every run of a scenario, and springs a trap at one of them.
//
// A write is labelled by its number among those of its name, "POST link #1"; a read, which is repeated at will, by the
// last write before it, "GET links since POST link #1", and only the first one.
type gate struct {
	mu        sync.Mutex
	open      bool
	counts    map[string]int
	lastWrite string
	labels    []string
	waiting   map[string]chan struct{}
	trap      *trap
	journal   []string
}

// trap is what happens at the call with the label, instead of its being forwarded.
type trap struct {
	label string
	// act may forward the call, and says whether its answer is delivered; if not, the connection is cut.
	act    func(forward func()) (deliver bool)
	sprung bool
}

func newGate() *gate {
	g := &gate{}
	g.begin(nil)
	g.open = false
	return g
}

// begin starts to label calls, anew, and sets a trap, if there is one.
func (g *gate) begin(t *trap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.counts, g.lastWrite, g.labels, g.trap = true, map[string]int{}, "the start", nil, t
	g.waiting = map[string]chan struct{}{}
}

// end takes the trap away. It returns the labels since begin, in order.
func (g *gate) end() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.trap = false, nil
	return g.labels
}

// enter is called for each call that arrives. It returns the act of the trap that the call is in.
func (g *gate) enter(c call) (label string, act func(func()) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return c.name, nil
	}
	key := c.name
	if !c.write && !c.aside {
		key += " since " + g.lastWrite
	}
	g.counts[key]++
	label = key
	switch n := g.counts[key]; {
	case c.write || c.aside:
		label = fmt.Sprintf("%s #%d", key, n)
	case n > 1:
		return label + " again", nil
	}
	if c.write {
		g.lastWrite = label
	}
	g.labels = append(g.labels, label)
	g.note("%s", label)
	close(g.arrival(label))
	if g.trap != nil && g.trap.label == label && !g.trap.sprung {
		g.trap.sprung = true
		return label, g.trap.act
	}
	return label, nil
}

// leave notes what became of a call.
func (g *gate) leave(label, outcome string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("%s: %s", label, outcome)
}

// say notes something for the journal that a failing case shows.
func (g *gate) say(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("*** %s", text)
}

func (g *gate) note(format string, args ...any) {
	g.journal = append(g.journal, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// arrival is closed when the call with the label arrives.
func (g *gate) arrival(label string) chan struct{} {
	if g.waiting[label] == nil {
		g.waiting[label] = make(chan struct{})
	}
	return g.waiting[label]
}

// await waits until the call with the label has arrived since begin.
func (g *gate) await(ctx context.Context, label string) error {
	g.mu.Lock()
	arrived := g.arrival(label)
	g.mu.Unlock()
	select {
	case <-arrived:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", label, ctx.Err())
	}
}

func (g *gate) isSprung() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.trap != nil && g.trap.sprung
}

func (g *gate) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(slices.Clone(g.journal), "\n")
}
