package atlastest

import (
	"maps"
	"net/http"
)

// Statistics counts the answered requests since the last reset. Unlike the log, it has no limit.
type Statistics struct {
	// Requests are those of each operation that passed authentication.
	Requests map[Operation]int `json:"requests"`
	// Rejected are those of Requests with status 429.
	Rejected map[Operation]int `json:"rejected"`
	// Unauthenticated are the requests with status 401, including those that receive a digest challenge.
	Unauthenticated int `json:"unauthenticated"`
	// Overlapped counts writes to a workspace's connections that arrived during another one.
	Overlapped int `json:"overlapped"`
}

// Statistics returns the counts since the last reset.
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
