// Package cloud knows how the cloud providers and Atlas write regions and resource ids, and which spellings mean the
// same. It compares; what is sent to Atlas is never changed by it.
package cloud

// The cloud providers, as Atlas spells them.
const (
	AWS   = "AWS"
	Azure = "AZURE"
	GCP   = "GCP"
)
