package atlas

import "time"

const (
	// cautious keeps what is measured or learned a little below what may be.
	cautious = 0.95
	slowest  = 0.1 // exchanges a second
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

// guessed: nothing is known of the rate yet.
func (r *refill) guessed() bool { return r.learned == 0 && !r.sampled }

// perSecond is the rate to go by. What is measured may be little because others
// take much; it is never believed so far that nobody would find out when there
// is more again.
func (r *refill) perSecond(capacity float64) float64 {
	guess := max(capacity/60, 1)
	switch {
	case r.guessed():
		return cautious * guess
	case r.learned == 0:
		return cautious * max(r.measured, guess/2)
	case !r.sampled:
		return cautious * r.learned
	default:
		return cautious * max(min(r.measured, r.learned), r.learned/10, slowest)
	}
}

// probe is how long after the last answer one exchange may go out although the
// bucket is thought to be empty, which is what the spare is for.
func (r *refill) probe() time.Duration {
	if r.learned == 0 {
		return trialTime
	}
	return max(trialTime, seconds(1.5/r.learned))
}

// observe takes in what an answer said. Answers come in the order of their
// exchanges' numbers.
func (r *refill) observe(now time.Time, number uint64, remaining, capacity float64) {
	full := remaining+1 > nearlyFull*capacity
	if r.since.IsZero() {
		if !full {
			r.begin(now, number, remaining)
		}
		return
	}
	elapsed := now.Sub(r.since)
	gained := remaining - r.remaining + float64(number-r.number) - float64(r.uncounted)
	sample := max(gained, 0) / elapsed.Seconds()
	switch {
	case full:
		r.raise(elapsed, sample, capacity)
		r.restart()
	case elapsed >= longMeasurement, elapsed >= shortMeasurement && gained >= enoughToMeasure:
		if r.sampled {
			sample = (sample + r.measured) / 2
		}
		r.measured, r.sampled = sample, true
		r.begin(now, number, remaining)
	}
}

// raise takes in a measurement that ends with a nearly full bucket. It can be
// too low, as what flowed over is not in it, but not too high.
func (r *refill) raise(elapsed time.Duration, sample, capacity float64) {
	if known := r.perSecond(capacity) / cautious; elapsed >= soonAfter && sample > known {
		r.measured, r.sampled = min(sample, 2*known), true
	}
}

func (r *refill) begin(now time.Time, number uint64, remaining float64) {
	r.since, r.number, r.remaining, r.uncounted = now, number, remaining, 0
}

// restart drops the measurement under way.
func (r *refill) restart() { r.since = time.Time{} }
