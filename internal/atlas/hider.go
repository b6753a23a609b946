package atlas

import (
	"cmp"
	"slices"
	"strings"
)

// shortestHidden is the length in bytes from which on a value is taken out of
// texts. A shorter one would riddle them and tell itself by its places.
const shortestHidden = 4

// hider takes secrets out of texts that come from outside: a server may quote
// what it refuses.
type hider struct{ secrets []Secret }

func (h *hider) add(secrets ...Secret) {
	for _, secret := range secrets {
		if len(secret.Reveal()) >= shortestHidden {
			h.secrets = append(h.secrets, secret)
		}
	}
	// The longest first, for one may be part of another.
	slices.SortFunc(h.secrets, func(a, b Secret) int { return cmp.Compare(len(b.Reveal()), len(a.Reveal())) })
}

func (h *hider) text(s string) string {
	for _, secret := range h.secrets {
		s = strings.ReplaceAll(s, secret.Reveal(), redacted)
	}
	return s
}
