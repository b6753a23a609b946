// Package cloud compares the spellings of regions and resource IDs that cloud providers and Atlas use. It does not
// change what is sent to Atlas.
package cloud

// The cloud providers, as Atlas spells them.
const (
	AWS   = "AWS"
	Azure = "AZURE"
	GCP   = "GCP"
)
