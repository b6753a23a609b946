package atlas

import "time"

const (
	// cautious keeps what is measured or learned a little below what may be.
	cautious = 0.95
	// slowest is taken for the rate when less is measured, in exchanges a second:
	// somebody has to find out when there is more again.
	slowest = 0.1
	// A measurement takes so long, unless it has so much to count before.
	longMeasurement  = 10 * time.Second
	shortMeasurement = time.Second
	enoughToMeasure  = 10
	// Above this part of its capacity a bucket may be full in between, and what
	// flows over is not seen.
	nearlyFull = 0.75
)

// refill is what is known of the rate at which a bucket fills up. A mistake is
// not dangerous: too slow a rate leaves more in the bucket than expected, which
// the next answer tells, and too fast a one less, which is then waited for.
type refill struct {
	// learned is what a 429 said; 0 before.
	learned float64
	// measured is what remains for us beside other users of the bucket.
	measured float64
	sampled  bool // measured is set

	// Of the measurement under way: the first answer and the exchanges since that
	// Atlas has not counted.
	since     time.Time
	number    uint64
	remaining float64
	uncounted int
}

// perSecond is the rate to go by.
func (r *refill) perSecond(capacity float64) float64 {
	rate := r.learned
	if rate == 0 {
		rate = max(capacity/60, 1) // a guess, until the first measurement
	}
	least := max(rate/10, slowest)
	if r.sampled {
		if r.learned > 0 {
			rate = min(rate, r.measured)
		} else {
			rate = r.measured
		}
	}
	return cautious * max(rate, least)
}

// observe takes in what an answer said. Answers come in the order of their
// exchanges' numbers.
func (r *refill) observe(now time.Time, number uint64, remaining, capacity float64) {
	if remaining > nearlyFull*capacity {
		r.restart()
		return
	}
	if r.since.IsZero() {
		r.begin(now, number, remaining)
		return
	}
	elapsed := now.Sub(r.since)
	gained := remaining - r.remaining + float64(number-r.number) - float64(r.uncounted)
	if elapsed < shortMeasurement || elapsed < longMeasurement && gained < enoughToMeasure {
		return
	}
	sample := max(gained, 0) / elapsed.Seconds()
	if r.sampled {
		sample = (sample + r.measured) / 2
	}
	r.measured, r.sampled = sample, true
	r.begin(now, number, remaining)
}

func (r *refill) begin(now time.Time, number uint64, remaining float64) {
	r.since, r.number, r.remaining, r.uncounted = now, number, remaining, 0
}

// restart drops the measurement under way.
func (r *refill) restart() { r.since = time.Time{} }
