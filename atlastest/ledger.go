package atlastest

import (
	"slices"
	"time"
)

// Act is a request that changed an object.
type Act struct {
	CredentialID string    `json:"credentialId"`
	RequestID    string    `json:"requestId"` // as in [Request.ID] and in X-Request-Id
	Time         time.Time `json:"time"`
}

// Acts are the requests that created, changed and deleted an object.
type Acts struct {
	// CreatedBy is nil for an object that was created without a request.
	CreatedBy *Act `json:"createdBy,omitempty"`
	// ChangedBy are the last PATCHes, oldest first.
	ChangedBy []Act `json:"changedBy,omitempty"`
	// DeletedBy is the first accepted DELETE.
	DeletedBy *Act `json:"deletedBy,omitempty"`
}

// Ledger counts all effects of requests since the server was started, without limit.
type Ledger struct {
	PrivateLinks ObjectCounts `json:"privateLinks"`
	Connections  ObjectCounts `json:"connections"`
	Workspaces   ObjectCounts `json:"workspaces"`
}

// ObjectCounts are the counts of one kind of object.
type ObjectCounts struct {
	Created int `json:"created"`
	Changed int `json:"changed"`
	Deleted int `json:"deleted"`
	// ForeignTouched counts changes and deletions of objects that were created without a request or with another
	// credential.
	ForeignTouched int `json:"foreignTouched"`
}

// Ledger returns the current counts.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger
}

func (c *call) act() Act {
	return Act{CredentialID: c.account.id, RequestID: c.entry.request.ID, Time: c.now}
}

func (c *call) created(acts *Acts, counts *ObjectCounts) {
	act := c.act()
	acts.CreatedBy = &act
	counts.Created++
}

const actsKept = 100

func (c *call) changed(acts *Acts, counts *ObjectCounts) {
	acts.ChangedBy = append(acts.ChangedBy, c.act())
	acts.ChangedBy = acts.ChangedBy[max(0, len(acts.ChangedBy)-actsKept):]
	counts.Changed++
	c.touch(acts, counts)
}

func (c *call) deleted(acts *Acts, counts *ObjectCounts) {
	act := c.act()
	acts.DeletedBy = &act
	counts.Deleted++
	c.touch(acts, counts)
}

func (c *call) touch(acts *Acts, counts *ObjectCounts) {
	if acts.CreatedBy == nil || acts.CreatedBy.CredentialID != c.account.id {
		counts.ForeignTouched++
	}
}

func (a Acts) clone() Acts {
	a.ChangedBy = slices.Clone(a.ChangedBy)
	return a
}
