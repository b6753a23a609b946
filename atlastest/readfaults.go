package atlastest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Shift selects how a list moves between its pages.
type Shift string

const (
	// ShiftDelete deletes an object of page 1 before a later page is read, so that the first object of page 2 is on
	// neither page.
	ShiftDelete Shift = "delete"
	// ShiftInsert inserts an object on page 1 before a later page is read, so that the last object of page 1 is on
	// both pages.
	ShiftInsert Shift = "insert"
)

// ReadFault makes reads return something else than the current state. The first group of fields selects the reads, the
// second one the effect.
type ReadFault struct {
	// ProjectID, Workspace, Operation and Target must match if set. Workspace restricts the fault to connections.
	// Target is the ID of a private link or private endpoint service, or the name of a connection; lists then lack
	// only that object.
	ProjectID string    `json:"projectId,omitempty"`
	Workspace string    `json:"workspace,omitempty"`
	Operation Operation `json:"operation,omitempty"`
	Target    string    `json:"target,omitempty"`
	// Times limits the number of affected requests and For the duration in real time. 0 means until removal.
	Times int           `json:"times,omitempty"`
	For   time.Duration `json:"-"`

	// HideLists removes the objects from lists and from totalCount. HideGets makes GETs of an object return Atlas's
	// 404. HideDeletes makes DELETEs return it without executing them.
	HideLists   bool `json:"hideLists,omitempty"`
	HideGets    bool `json:"hideGets,omitempty"`
	HideDeletes bool `json:"hideDeletes,omitempty"`
	// HideWorkspaces makes reads of a workspace and its contents return Atlas's 404 for the workspace.
	HideWorkspaces bool `json:"hideWorkspaces,omitempty"`
	// Behind makes reads alternate between an up-to-date replica and one that lags by this duration on the server's
	// clock. With a Seed the replica is random.
	Behind time.Duration `json:"-"`
	Seed   uint64        `json:"seed,omitempty"`
	// Shift moves lists between their pages by another client's object.
	Shift Shift `json:"shift,omitempty"`

	// fair hides objects of a list again only after the list was served completely.
	fair bool
}

// ReadFaultHandle is an injected [ReadFault].
type ReadFaultHandle struct {
	handle
	fault ReadFault

	// Guarded by server.mu.
	ends     time.Time // zero means not by time
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

// InjectReads activates a read fault. It panics if the fault can never have an effect.
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

// ClearReadFaults removes all read faults.
func (s *Server) ClearReadFaults() { removeAll(s, &s.readFaults) }

// over reports whether the fault has expired.
func (h *ReadFaultHandle) over() bool {
	return h.fault.Times > 0 && h.count >= h.fault.Times || !h.ends.IsZero() && !time.Now().Before(h.ends)
}

// leave removes the objects that the fault inserted.
func (h *ReadFaultHandle) leave() {
	if h.intruder != nil {
		h.intruder.leave()
		h.intruder = nil
	}
}

// expireReadFaults ends expired faults. Their Count stays available.
func (s *Server) expireReadFaults() {
	s.readFaults = slices.DeleteFunc(s.readFaults, func(h *ReadFaultHandle) bool {
		if h.over() {
			h.leave()
			return true
		}
		return false
	})
}

// matches compares the fields with the request's path.
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

// lags reports whether the lagging replica serves this read.
func (h *ReadFaultHandle) lags() bool {
	h.turns++
	if h.fault.Seed != 0 {
		return h.dice.IntN(2) == 0
	}
	return h.turns%2 == 0
}
