package crash_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// side is where the manager dies: before the call takes effect, or after it and before the answer.
type side string

const (
	before side = "before"
	after  side = "after"
)

// point is where the manager dies.
type point struct {
	scenario *scenario
	side     side
	label    string
}

func (p point) String() string { return fmt.Sprintf("%s: %s %s", p.scenario.name, p.side, p.label) }

// chosen are the points of a plain run: those where a naive manager doubles or loses something. CRASH_POINTS, a list
// of the same form or "all", takes their place.
const chosen = `
	create link: after PATCH link finalizer #1
	create link: after PATCH link status #1
	create link: after POST link #1
	change link: after PATCH link #1
	recreate link: after DELETE link #1
	recreate link: after POST link #1
	delete link: after DELETE link #1
	delete link while it is created: after POST link #1
	create connection: after POST connection #1
	change connection: before PATCH connection status #1
	delete connection: before PATCH connection finalizer #1
	create connection over a link: before POST connection #1
`

// list says which points to try.
var list = cmp.Or(os.Getenv("CRASH_POINTS"), chosen)

// everything: all points and all further cases, not only the chosen ones.
var everything = list == "all"

// parsePoints reads a list of points, one a line.
func parsePoints(list string) (points []point, err error) {
	if list == "all" {
		return nil, nil
	}
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, rest, _ := strings.Cut(line, ": ")
		where, label, _ := strings.Cut(rest, " ")
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 || (side(where) != before && side(where) != after) || label == "" {
			return nil, fmt.Errorf("no such point: %q", line)
		}
		points = append(points, point{&scenarios[i], side(where), label})
	}
	return points, nil
}

// discover runs each scenario once without a crash and returns the points on its way.
func discover(t *testing.T) []point {
	var mu sync.Mutex
	labels := map[string][]string{}
	t.Run("discover", func(t *testing.T) {
		for i := range scenarios {
			scenario := &scenarios[i]
			t.Run(scenario.name, func(t *testing.T) {
				t.Parallel()
				met, _ := tryScenario(t, scenario, nil)
				mu.Lock()
				defer mu.Unlock()
				labels[scenario.name] = met
			})
		}
	})
	var points []point
	for i := range scenarios {
		for _, label := range scenarios[i].relevant(labels[scenarios[i].name]) {
			points = append(points, point{&scenarios[i], before, label}, point{&scenarios[i], after, label})
		}
	}
	return points
}

// relevant leaves out what is another scenario's, or chance.
func (s *scenario) relevant(labels []string) []string {
	first := max(0, slices.Index(labels, s.from))
	return slices.DeleteFunc(slices.Clone(labels[first:]), func(label string) bool {
		return s.crowded && strings.Contains(label, " since ")
	})
}

// TestKillPoints kills the manager at each point. A point that a run did not pass, because a poll or an event came at
// another moment, is tried again.
func TestKillPoints(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	points, err := parsePoints(list)
	g.Expect(err).NotTo(HaveOccurred())
	if everything {
		points = discover(t)
	}
	missed := points
	for round := 1; round <= 3 && len(missed) > 0 && !t.Failed(); round++ {
		missed = killAt(t, fmt.Sprintf("round %d", round), missed)
	}
	t.Logf("The manager was killed at %d points. Not met: %v", len(points)-len(missed), missed)
	g.Expect(len(missed)).To(BeNumerically("<=", len(points)/10), "points that were not met: %v", missed)
	if everything {
		g.Expect(len(points)-len(missed)).To(BeNumerically(">=", 40), "points that were met")
	}
}

// killAt plays the scenario of each point and returns the points that were not met.
func killAt(t *testing.T, round string, points []point) []point {
	met := make([]bool, len(points))
	t.Run(round, func(t *testing.T) {
		for i, p := range points {
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				_, met[i] = tryScenario(t, p.scenario, &p)
			})
		}
	})
	var missed []point
	for i, p := range points {
		if !met[i] {
			missed = append(missed, p)
		}
	}
	return missed
}

// tryScenario plays a scenario, kills the manager at the point if there is one, and counts what is in Atlas.
func tryScenario(t *testing.T, scenario *scenario, p *point) (labels []string, sprung bool) {
	s := newStage(t)
	if scenario.held != "" {
		s.atlas.Inject(atlastest.Fault{Operation: scenario.held, Times: 1, Delay: 400 * time.Millisecond})
	}
	var flags []string
	if scenario.verbose {
		flags = s.verbosely()
	}
	r := s.replica(flags...)
	var set *trap
	if p != nil {
		set = &trap{label: p.label, act: func(forward func()) bool {
			if p.side == after {
				forward()
			}
			r.crash()
			return false
		}}
	}
	if scenario.prepare == nil {
		r.gate.begin(set)
		r.start()
	} else {
		r.start()
		scenario.prepare(s)
		r.gate.begin(set)
	}
	scenario.act(s, r)
	sprung = r.gate.isSprung()
	labels = r.gate.end()
	if scenario.check != nil {
		scenario.check(s)
	}
	switch {
	case scenario.held == "":
		s.finish(scenario.links, scenario.connections)
	case p != nil && p.side == before && p.label == scenario.from:
		s.finish(0, 0)
	default:
		_, err := s.atlas.WaitFor(s.within(), func(r atlastest.Request) bool { return r.Operation == scenario.held })
		s.Expect(err).NotTo(HaveOccurred())
		s.finish(scenario.links, scenario.connections)
	}
	return labels, sprung
}
