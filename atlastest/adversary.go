package atlastest

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"
)

// AdversaryOptions says what an [Adversary] does.
type AdversaryOptions struct {
	// Seed makes it draw the same numbers again. What they meet depends on the
	// order in which requests arrive.
	Seed uint64
	// Rate is the part of the requests that something goes wrong with, 0.2 by
	// default.
	Rate float64
	// Kinds are those to draw from, all of [AdversaryKinds] by default.
	Kinds []string
	// For ends it after a real time, 0 by [Adversary.Stop] only.
	For time.Duration
	// MaxHole bounds in real time how long something that exists is not to be
	// seen, and MaxDelay how long after its arrival a request is carried out, half
	// a second each by default. Together they have to be shorter than what a
	// client waits before it concludes from what it sees.
	MaxHole  time.Duration
	MaxDelay time.Duration
	// Match leaves other requests alone, if set; the token service is left alone
	// without it. It must not call the server.
	Match func(Request) bool
}

// Adversary makes requests go wrong at random, in all the ways the simulator
// knows.
//
// It stays within what a careful client can survive: nothing that exists is
// hidden for longer than MaxHole, a hole follows another one only after the whole
// list that it tears was answered, and no deletion is answered 404 by somebody who
// speaks for Atlas without reason.
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

// NewAdversary lets an adversary loose on a server. A kind that does not exist is
// a mistake of the test and panics.
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
		// Each kind sees only what those before it have let pass.
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

// Stop ends every fault. Stopping again is fine.
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

// Counts returns how many requests have met each kind of fault, or have brought
// one about that later requests meet. Kinds that were not met are there too.
func (a *Adversary) Counts() map[string]int {
	counts := map[string]int{}
	for i, h := range a.faults {
		counts[a.names[i]] = h.Count()
	}
	return counts
}

// disturb makes a hook that starts a fault of reads where the request goes.
// The server calls into the adversary with its lock held, so the adversary's is
// not held here.
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

// part is how much of MaxHole one fault may take: an object may be too new for a
// replica, and then in a hole.
func (a *Adversary) part() time.Duration { return max(a.opts.MaxHole/2, 1) }

// keep remembers a fault of reads for Stop, unless that was called.
func (a *Adversary) keep(h *ReadFaultHandle) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads = append(a.reads, h)
	a.reads = a.reads[max(0, len(a.reads)-readFaultsKept):]
	return !a.over()
}

// readFaultsKept are more than last at the same time.
const readFaultsKept = 1000
