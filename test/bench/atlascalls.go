package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/atlastest"
)

// atlasCalls are requests to Atlas.
type atlasCalls struct {
	answered map[atlastest.Operation]int
	rejected map[atlastest.Operation]int
	// challenged were answered 401.
	challenged int
	// overlapped are writes to a workspace while another one was under way there.
	overlapped int
}

func callsOf(server *atlastest.Server) atlasCalls {
	sums := server.Statistics()
	return atlasCalls{sums.Requests, sums.Rejected, sums.Unauthenticated, sums.Overlapped}
}

// since returns the calls that came after earlier ones.
func (c atlasCalls) since(earlier atlasCalls) atlasCalls {
	return atlasCalls{
		answered: difference(c.answered, earlier.answered), rejected: difference(c.rejected, earlier.rejected),
		challenged: c.challenged - earlier.challenged, overlapped: c.overlapped - earlier.overlapped,
	}
}

func difference(later, earlier map[atlastest.Operation]int) map[atlastest.Operation]int {
	out := map[atlastest.Operation]int{}
	for op, n := range later {
		if n > earlier[op] {
			out[op] = n - earlier[op]
		}
	}
	return out
}

func isToken(op atlastest.Operation) bool { return op == atlastest.OpToken || op == atlastest.OpRevoke }

// requests are all that are not token or challenge traffic.
func (c atlasCalls) requests() (n int) {
	for op, times := range c.answered {
		if !isToken(op) {
			n += times
		}
	}
	return n
}

// logins are tokens fetched and challenges met.
func (c atlasCalls) logins() int { return c.answered[atlastest.OpToken] + c.challenged }

func (c atlasCalls) of(ops ...atlastest.Operation) (n int) {
	for _, op := range ops {
		n += c.answered[op]
	}
	return n
}

var (
	writeOperations = []atlastest.Operation{
		atlastest.OpCreatePrivateLink, atlastest.OpUpdatePrivateLink, atlastest.OpDeletePrivateLink,
		atlastest.OpCreateConnection, atlastest.OpUpdateConnection, atlastest.OpDeleteConnection,
	}
	listOperations = []atlastest.Operation{atlastest.OpListPrivateLinks, atlastest.OpListConnections}
)

func (c atlasCalls) writes() int { return c.of(writeOperations...) }

// tooMany were answered 429.
func (c atlasCalls) tooMany() (n int) {
	for _, times := range c.rejected {
		n += times
	}
	return n
}

// describe names the requests, in the order of their names.
func (c atlasCalls) describe() string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(c.answered)) {
		part := fmt.Sprintf("%d %s", c.answered[op], op)
		if n := c.rejected[op]; n > 0 {
			part += fmt.Sprintf(" (%d rejected)", n)
		}
		parts = append(parts, part)
	}
	if c.challenged > 0 {
		parts = append(parts, fmt.Sprintf("%d challenges", c.challenged))
	}
	return strings.Join(parts, ", ")
}
