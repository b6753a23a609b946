package lifecycle

// warningMemory is what was told of a spec.
type warningMemory struct {
	// replaced is the last object that the user requested to recreate.
	replaced string
	// warned are the warnings about the spec that were told.
	warned warned
	// first is what this process saw in its first reconciliation; nil before.
	first *firstSeen
}

// firstSeen has the generation that the status was about, and the recreate annotation. Warned: warnings about the spec
// were looked for since.
type firstSeen struct {
	generation int64
	recreate   string
	warned     bool
}

func (m *warningMemory) firstReconciliation(observed int64, recreate string) *firstSeen {
	if m.first == nil {
		m.first = &firstSeen{generation: observed, recreate: recreate}
	}
	return m.first
}
