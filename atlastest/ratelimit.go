package atlastest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// endpointSet is a set of endpoints with one rate limit. Its capacity is what Atlas was observed to send in
// RateLimit-Limit, and is sent if no limit is configured.
type endpointSet struct {
	class    string
	capacity int
}

var (
	streamsSet   = &endpointSet{"ApiStreamsResource", 1200}
	groupsSet    = &endpointSet{"ApiGroupsResource", 1200}
	endpointsSet = &endpointSet{"ApiAtlasPrivateEndpointResource", 4000}
)

// bucket is the token bucket of an endpoint set in a project.
type bucket struct {
	tokens float64
	filled time.Time
}

type bucketKey struct {
	project string
	set     *endpointSet
}

type rateState struct{ limit, remaining int }

func (c *call) checkRate(s *Server) *apiError {
	if s.cfg.ratePerSecond <= 0 {
		capacity := c.route.set.capacity
		c.rate = &rateState{limit: capacity, remaining: capacity - 1}
		return nil
	}
	burst := float64(max(s.cfg.rateBurst, 1))
	key := bucketKey{c.projectID, c.route.set}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{tokens: burst, filled: c.now}
		s.buckets[key] = b
	}
	b.tokens = min(burst, b.tokens+s.cfg.ratePerSecond*c.now.Sub(b.filled).Seconds())
	b.filled = c.now
	c.rate = &rateState{limit: int(burst)}
	if b.tokens < 1 {
		return c.tooMany(s, (1-b.tokens)/s.cfg.ratePerSecond)
	}
	b.tokens--
	c.rate.remaining = int(b.tokens)
	return nil
}

func (c *call) tooMany(s *Server, wait float64) *apiError {
	after := max(1, int(math.Ceil(wait)))
	path := strings.TrimPrefix(c.request.URL.EscapedPath(), "/")
	refill, period := s.cfg.ratePerSecond, 1
	if refill < 1 {
		refill, period = refill*60, 60
	}
	err := newError(http.StatusTooManyRequests, "RATE_LIMITED_TOKEN_BUCKET",
		fmt.Sprintf("Rate limit exceeded for %s. Please retry after %d seconds. Request capacity: %d. Refill rate: %v per %d seconds.",
			path, after, c.rate.limit, refill, period),
		path, after, c.rate.limit, refill, period)
	err.header.Set("Retry-After", strconv.Itoa(after))
	return err
}

func (s *Server) latency() time.Duration {
	if s.cfg.latencyJitter <= 0 {
		return s.cfg.latency
	}
	return s.cfg.latency + rand.N(s.cfg.latencyJitter)
}

// writeGauge counts concurrent writes to one workspace.
type writeGauge struct{ active, overlaps int }

// beginWrite counts a write to a workspace's connections until end is called.
func (s *Server) beginWrite(c *call) (overlapped bool, end func()) {
	if !c.route.writes() || c.workspaceName == "" {
		return false, func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := workspaceKey{c.projectID, c.workspaceName}
	gauge := s.writes[key]
	if gauge == nil {
		gauge = &writeGauge{}
		s.writes[key] = gauge
	}
	overlapped = gauge.active > 0
	if overlapped {
		gauge.overlaps++
	}
	gauge.active++
	return overlapped, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		gauge.active--
	}
}
