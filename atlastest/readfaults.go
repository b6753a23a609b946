package atlastest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Shift says how a list moves between its pages.
type Shift string

const (
	// ShiftDelete deletes an object of page 1 before a later page is read, so
	// that the first object of page 2 is on neither.
	ShiftDelete Shift = "delete"
	// ShiftInsert inserts an object on page 1 before a later page is read, so
	// that the last object of page 1 is on both.
	ShiftInsert Shift = "insert"
)

// ReadFault makes reads show something else than what there is. Its first part
// says which reads and for how long, its second part what they show.
type ReadFault struct {
	// ProjectID, Workspace, Operation and Target have to agree where they are
	// set. Workspace leaves connections only. Target is the id of a private link
	// or of a private endpoint service, or the name of a connection; lists then
	// lack that object only.
	ProjectID string
	Workspace string
	Operation Operation
	Target    string
	// Times is how many requests meet the fault and For how long it lasts in
	// real time; 0 is until it is removed.
	Times int
	For   time.Duration

	// HideLists has lists answer without the objects, and totalCount without
	// them too. HideGets has GETs of an object answer Atlas's own 404. HideDeletes
	// has DELETEs answer it, without carrying them out.
	HideLists   bool
	HideGets    bool
	HideDeletes bool
	// HideWorkspaces has reads of a workspace and of all in it answer Atlas's own
	// 404 of the workspace.
	HideWorkspaces bool
	// Behind has reads answered in turns by a replica that knows everything and
	// by one that is that far behind, by the server's clock. With a Seed the
	// turns are at random.
	Behind time.Duration
	Seed   uint64
	// Shift moves lists between their pages by an object of somebody else.
	Shift Shift

	// fair hides something of a list again only after it was answered in full.
	fair bool
}

// ReadFaultHandle is an injected [ReadFault].
type ReadFaultHandle struct {
	handle
	fault ReadFault

	// Guarded by server.mu.
	ends     time.Time // zero: not by itself
	turns    int
	dice     *rand.Rand
	intruder *intruder
}

func (f *ReadFault) validate() error {
	switch {
	case !f.HideLists && !f.HideGets && !f.HideDeletes && !f.HideWorkspaces && f.Behind <= 0 && f.Shift == "":
		return fmt.Errorf("the fault does nothing: it has neither hideLists, hideGets, hideDeletes, hideWorkspaces, behind nor shift")
	case f.Shift != "" && f.Shift != ShiftDelete && f.Shift != ShiftInsert:
		return fmt.Errorf("shift %q: must be delete or insert", f.Shift)
	}
	return nil
}

// InjectReads makes a fault of reads active. One that could never have an effect
// is a mistake of the test and panics.
func (s *Server) InjectReads(fault ReadFault) *ReadFaultHandle {
	if err := fault.validate(); err != nil {
		panic("atlastest: " + err.Error())
	}
	h := &ReadFaultHandle{fault: fault, dice: rand.New(rand.NewPCG(fault.Seed, 0))}
	if fault.For > 0 {
		h.ends = time.Now().Add(fault.For)
	}
	return inject(s, &s.readFaults, h, h.leave)
}

// ClearReadFaults removes all faults of reads.
func (s *Server) ClearReadFaults() { removeAll(s, &s.readFaults) }

// over reports whether the fault has had its time.
func (h *ReadFaultHandle) over() bool {
	return h.fault.Times > 0 && h.count >= h.fault.Times || !h.ends.IsZero() && !time.Now().Before(h.ends)
}

// leave takes away what the fault has put there.
func (h *ReadFaultHandle) leave() {
	if h.intruder != nil {
		h.intruder.leave()
		h.intruder = nil
	}
}

// expireReadFaults ends those that have had their time, and keeps them for
// its Count.
func (s *Server) expireReadFaults() {
	s.readFaults = slices.DeleteFunc(s.readFaults, func(h *ReadFaultHandle) bool {
		if h.over() {
			h.leave()
			return true
		}
		return false
	})
}

// matches goes by what the path of a request says.
func (f *ReadFault) matches(c *call) bool {
	return (f.ProjectID == "" || f.ProjectID == c.projectID) &&
		(f.Workspace == "" || f.Workspace == c.workspaceName) &&
		(f.Operation == "" || f.Operation == c.route.op)
}

// hides reports whether the fault hides objects from an operation.
func (f *ReadFault) hides(op Operation) bool {
	switch op {
	case OpListPrivateLinks, OpListConnections, OpListPrivateEndpointServices, OpListPrivateEndpointsV1, OpGetWorkspace:
		return f.HideLists
	case OpGetPrivateLink, OpGetConnection, OpGetPrivateEndpointService:
		return f.HideGets
	case OpDeletePrivateLink, OpDeleteConnection:
		return f.HideDeletes
	default:
		return false
	}
}

// lags reports whether this read is the turn of the replica that is behind.
func (h *ReadFaultHandle) lags() bool {
	h.turns++
	if h.fault.Seed != 0 {
		return h.dice.IntN(2) == 0
	}
	return h.turns%2 == 0
}
