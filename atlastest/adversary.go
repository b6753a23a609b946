package atlastest

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"
)

// AdversaryOptions configures an [Adversary].
type AdversaryOptions struct {
	// Seed initializes the random numbers. Their effect also depends on the order in which requests arrive.
	Seed uint64
	// Rate is the fraction of disturbed requests, 0.2 by default.
	Rate float64
	// Kinds are the kinds of faults to draw from, all of [AdversaryKinds] by default.
	Kinds []string
	// For limits the duration in real time. 0 means until [Adversary.Stop].
	For time.Duration
	// MaxHole limits for how long an existing object is hidden, MaxDelay how long after its arrival a request is
	// executed, both in real time and half a second by default. Their sum must be less than the time that a client
	// waits before it draws conclusions from a read.
	MaxHole  time.Duration
	MaxDelay time.Duration
	// Match selects the requests, if set. Without it, token requests are not disturbed. It must not call the server.
	Match func(Request) bool
}

// Adversary makes requests fail at random, in all ways that the simulator supports.
//
// It stays within what a careful client can survive: no existing object is hidden for longer than MaxHole, a hole
// follows another one only after the affected list was served completely, and no deletion gets a wrong 404 with
// Atlas's error body.
type Adversary struct {
	server *Server
	opts   AdversaryOptions
	ends   time.Time
	faults []*FaultHandle // in the order of names
	names  []string

	mu      sync.Mutex
	dice    *rand.Rand
	reads   []*ReadFaultHandle
	stopped bool
}

// NewAdversary starts an adversary on a server. It panics on an unknown kind.
func NewAdversary(server *Server, opts AdversaryOptions) *Adversary {
	opts.Rate = cmp.Or(opts.Rate, 0.2)
	opts.MaxHole = cmp.Or(opts.MaxHole, time.Second/2)
	opts.MaxDelay = cmp.Or(opts.MaxDelay, time.Second/2)
	if opts.Match == nil {
		opts.Match = func(r Request) bool { return r.Operation != OpToken && r.Operation != OpRevoke }
	}
	if len(opts.Kinds) == 0 {
		opts.Kinds = AdversaryKinds()
	}
	a := &Adversary{server: server, opts: opts, dice: rand.New(rand.NewPCG(opts.Seed, opts.Seed))}
	if opts.For > 0 {
		a.ends = time.Now().Add(opts.For)
	}
	kinds := selectKinds(opts.Kinds)
	share, passed := opts.Rate/float64(len(kinds)), 1.0
	for _, kind := range kinds {
		// Each kind sees only the requests that the previous ones passed.
		a.add(kind, share/passed)
		passed -= share
	}
	return a
}

func (a *Adversary) add(kind adversaryKind, chance float64) {
	fault := kind.fault(a)
	fault.Match = func(r Request) bool {
		return (kind.meets == nil || kind.meets(r)) && a.opts.Match(r) && a.strikes(chance)
	}
	a.names = append(a.names, kind.name)
	a.faults = append(a.faults, a.server.Inject(fault))
}

func (a *Adversary) strikes(chance float64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.over() && a.dice.Float64() < chance
}

func (a *Adversary) over() bool {
	return a.stopped || !a.ends.IsZero() && !time.Now().Before(a.ends)
}

// Stop ends every fault. It may be called repeatedly.
func (a *Adversary) Stop() {
	a.mu.Lock()
	a.stopped = true
	reads := a.reads
	a.reads = nil
	a.mu.Unlock()
	for _, h := range reads {
		h.Remove()
	}
	for _, h := range a.faults {
		h.Remove()
	}
}

// Counts returns how many requests each kind of fault affected, directly or by a fault that later requests meet. It
// includes kinds with no requests.
func (a *Adversary) Counts() map[string]int {
	counts := map[string]int{}
	for i, h := range a.faults {
		counts[a.names[i]] = h.Count()
	}
	return counts
}

// disturb returns a hook that starts a read fault for the request's target. The server calls the adversary with its
// lock held, so that the adversary must not hold its own here.
func (a *Adversary) disturb(fault ReadFault) func(Request) {
	return func(r Request) {
		f := fault
		f.ProjectID, f.fair = r.ProjectID, true
		a.mu.Lock()
		f.For = 1 + time.Duration(a.dice.Int64N(int64(a.part())))
		f.Seed = a.dice.Uint64()
		a.mu.Unlock()
		h := a.server.InjectReads(f)
		if !a.keep(h) {
			h.Remove()
		}
	}
}

// part is the share of MaxHole for one fault: an object may first be too new for a replica and then in a hole.
func (a *Adversary) part() time.Duration { return max(a.opts.MaxHole/2, 1) }

// keep registers a read fault for Stop, unless Stop was called.
func (a *Adversary) keep(h *ReadFaultHandle) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads = append(a.reads, h)
	a.reads = a.reads[max(0, len(a.reads)-readFaultsKept):]
	return !a.over()
}

// readFaultsKept exceeds the number of concurrent read faults.
const readFaultsKept = 1000
