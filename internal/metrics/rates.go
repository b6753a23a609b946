package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
)

// rateWindow is how long a reported rate limit counts: at least one window, at most two.
const rateWindow = time.Minute

// rates collects the rate limits of recent responses: the minimum that any credential had left in any project, so that
// no label for these is needed.
type rates struct {
	clock              clock.PassiveClock
	remaining, maximum *prometheus.Desc

	mu    sync.Mutex
	bySet map[string]*rate
}

// rate holds what was reported for an endpoint set in the current and the previous window.
type rate struct {
	begun           time.Time
	current, before *int
	limit           int
}

func newRates(c clock.PassiveClock) *rates {
	return &rates{
		clock: c, bySet: map[string]*rate{},
		remaining: describe("atlas_rate_limit_remaining",
			"The least number of requests that an answer of the last one to two minutes said to be left, over all credentials; absent when none said.", "endpoint_set"),
		maximum: describe("atlas_rate_limit_capacity",
			"Requests that Atlas allows at once, as the answer said that came last.", "endpoint_set"),
	}
}

// record stores the rate limit headers of a response; -1 means absent.
func (r *rates) record(set string, limit, remaining int) {
	if limit < 0 || remaining < 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	known := r.bySet[set]
	if known == nil {
		known = &rate{begun: now}
		r.bySet[set] = known
	}
	known.turn(now)
	known.limit = limit
	if known.current == nil || remaining < *known.current {
		known.current = &remaining
	}
}

// turn advances to the window of now.
func (r *rate) turn(now time.Time) {
	switch age := now.Sub(r.begun); {
	case age >= 2*rateWindow:
		r.begun, r.before, r.current = now, nil, nil
	case age >= rateWindow:
		r.begun, r.before, r.current = r.begun.Add(rateWindow), r.current, nil
	}
}

// least returns the minimum of both windows, nil if there is none.
func (r *rate) least() *int {
	if r.current == nil || r.before != nil && *r.before < *r.current {
		return r.before
	}
	return r.current
}

// Describe implements prometheus.Collector.
func (r *rates) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- r.remaining
	descriptions <- r.maximum
}

// Collect implements prometheus.Collector.
func (r *rates) Collect(metrics chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for set, known := range r.bySet {
		known.turn(r.clock.Now())
		metrics <- gauge(r.maximum, float64(known.limit), set)
		if least := known.least(); least != nil {
			metrics <- gauge(r.remaining, float64(*least), set)
		}
	}
}
