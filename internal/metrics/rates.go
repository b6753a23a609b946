package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
)

// rateWindow is how long an answer's word on the rate limit counts at the least, and half of how long at the most.
const rateWindow = time.Minute

// rates are what the answers of Atlas said of the rate limit lately: the least that any credential had left in any
// project, so that no label has to tell them apart.
type rates struct {
	clock              clock.PassiveClock
	remaining, maximum *prometheus.Desc

	mu    sync.Mutex
	bySet map[string]*rate
}

// rate is what was said of one set of endpoints in the window under way and the one before.
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

// told takes in an answer's headers; -1 when it had none.
func (r *rates) told(set string, limit, remaining int) {
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

// turn goes on to the window of now.
func (r *rate) turn(now time.Time) {
	switch age := now.Sub(r.begun); {
	case age >= 2*rateWindow:
		r.begun, r.before, r.current = now, nil, nil
	case age >= rateWindow:
		r.begun, r.before, r.current = r.begun.Add(rateWindow), r.current, nil
	}
}

// least is the smallest number of both windows; nil when there is none.
func (r *rate) least() *int {
	if r.current == nil || r.before != nil && *r.before < *r.current {
		return r.before
	}
	return r.current
}

// Describe is part of prometheus.Collector.
func (r *rates) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- r.remaining
	descriptions <- r.maximum
}

// Collect is part of prometheus.Collector.
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
