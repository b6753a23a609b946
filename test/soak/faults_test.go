package soak_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/atlasstreams/operator/atlastest"
)

// badly is the part of all calls that something goes wrong with.
const badly = 0.20

// kinds of faults, and how often each is met among them.
var kinds = []struct {
	name  string
	share float64
	fault atlastest.Fault
}{
	{"429", 0.16, atlastest.Fault{Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: time.Second}},
	{"500", 0.16, atlastest.Fault{Status: 500, ErrorCode: "UNEXPECTED_ERROR"}},
	{"503", 0.16, atlastest.Fault{Status: 503, HTML: "<h1>Service Unavailable</h1>"}},
	{"cut before the commit", 0.14, atlastest.Fault{DropBefore: true}},
	{"cut after the commit", 0.14, atlastest.Fault{DropAfter: true}},
	{"504 after the commit", 0.14, atlastest.Fault{Status: 504, AfterCommit: true}},
	{"no answer after the commit", 0.05, atlastest.Fault{AfterCommit: true, Hang: true}},
	{"late commit", 0.05, atlastest.Fault{Delay: requestTimeout + 300*time.Millisecond}},
}

type faults []struct {
	name   string
	handle *atlastest.FaultHandle
}

// injectFaults lets each call meet a fault with the probability badly, drawn from the seed.
func injectFaults(server *atlastest.Server, seed uint64) (injected faults) {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, seed))
	passed := 1.0 // the part of the calls that the faults before this one let pass
	for _, kind := range kinds {
		chance := badly * kind.share / passed
		passed -= badly * kind.share
		kind.fault.Match = func(atlastest.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			return dice.Float64() < chance
		}
		injected = append(injected, struct {
			name   string
			handle *atlastest.FaultHandle
		}{kind.name, server.Inject(kind.fault)})
	}
	return injected
}

func (f faults) met() (sum int) {
	for _, fault := range f {
		sum += fault.handle.Count()
	}
	return sum
}

func (f faults) String() string {
	parts := make([]string, len(f))
	for i, fault := range f {
		parts[i] = fmt.Sprintf("%d x %s", fault.handle.Count(), fault.name)
	}
	return fmt.Sprintf("%d (%s)", f.met(), strings.Join(parts, ", "))
}
