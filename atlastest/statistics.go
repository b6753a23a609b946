package atlastest

import (
	"maps"
	"net/http"
)

// Statistics sums up the answered requests since the last reset. Unlike the log
// it is complete however many there were, and costs nothing to keep.
type Statistics struct {
	// Requests of each operation that passed authentication.
	Requests map[Operation]int `json:"requests"`
	// Rejected are those among them that were answered 429.
	Rejected map[Operation]int `json:"rejected"`
	// Unauthenticated requests were answered 401, such as the one that a digest
	// challenge answers.
	Unauthenticated int `json:"unauthenticated"`
	// Overlapped writes to a workspace's connections arrived while another one
	// was under way there.
	Overlapped int `json:"overlapped"`
}

// Statistics returns the sums since the last reset.
func (s *Server) Statistics() Statistics {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	sums := s.log.stats
	sums.Requests, sums.Rejected = maps.Clone(sums.Requests), maps.Clone(sums.Rejected)
	return sums
}

func newStatistics() Statistics {
	return Statistics{Requests: map[Operation]int{}, Rejected: map[Operation]int{}}
}

func (s *Statistics) count(r Request) {
	switch {
	case !r.Authenticated && r.Status == http.StatusUnauthorized:
		s.Unauthenticated++
	case !r.Authenticated || r.Operation == "":
	default:
		s.Requests[r.Operation]++
		if r.Status == http.StatusTooManyRequests {
			s.Rejected[r.Operation]++
		}
	}
}
