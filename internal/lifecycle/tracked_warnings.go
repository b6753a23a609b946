package lifecycle

// trackedWarnings holds the warnings about a spec that were recorded.
type trackedWarnings struct {
	// replaced is the last object that the user requested to recreate.
	replaced string
	// recorded are the recorded warnings; nil for none.
	recorded *recordedWarnings
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

func (t *trackedWarnings) firstReconciliation(observed int64, recreate string) *firstSeen {
	if t.first == nil {
		t.first = &firstSeen{generation: observed, recreate: recreate}
	}
	return t.first
}
