package atlas

import (
	"math"
	"time"
)

const (
	// trialCalls is how many exchanges may be under way at a time while little is
	// known or little is left. After trialTime without a rest more may: a server
	// that is slow, or does not answer, says nothing of its limit.
	trialCalls = 2
	trialTime  = time.Second
	// window is the part of what is left that may be under way instead, if that
	// is more. Several users of a bucket see each other before it is empty.
	window = 0.25
	// maxSpare bounds what is left in a bucket. It makes up for what the model
	// cannot know: other users, and in which order Atlas counts.
	maxSpare = 10
)

// model is what is known of a token bucket at Atlas. It knows no clock and is
// not safe for concurrent use.
//
// The number that Atlas reports rules. To be too careful costs no time, for what
// is left in the bucket can be used later; only a full bucket loses something.
type model struct {
	capacity float64 // 0: not known, and no limit
	// tokens are there at the time at, without what is reserved or under way.
	tokens float64
	at     time.Time
	// seen is what remained by the last answer, told when that came.
	seen   float64
	told   time.Time
	refill refill

	reserved, inFlight int
	// started counts the exchanges, newest is the one that started last of those
	// whose answers were taken in.
	started, newest uint64

	known     bool // an answer has come, so that no limit is known to be none
	trialEnds time.Time
}

// turn is an exchange, from its start to its answer.
type turn struct {
	bucket *bucket
	// number counts the exchanges of a bucket in the order in which they start.
	number uint64
	// ended is how many of them had ended when this one started.
	ended uint64
}

// reserve takes a place.
func (m *model) reserve(now time.Time) {
	if m.underWay() == 0 {
		m.trialEnds = now.Add(trialTime)
	}
	m.tokens, m.at = m.level(now)-1, now
	m.reserved++
}

// cancel gives a place back.
func (m *model) cancel() {
	m.reserved--
	m.tokens++
}

// start makes a place an exchange.
func (m *model) start() turn {
	ended := m.started - uint64(m.inFlight)
	m.reserved--
	m.inFlight++
	m.started++
	return turn{number: m.started, ended: ended}
}

// unanswered ends an exchange that Atlas probably has not counted.
func (m *model) unanswered() {
	m.inFlight--
	m.refill.uncounted++
	m.tokens++
}

// answered ends an exchange and takes in what its answer says.
func (m *model) answered(now time.Time, t turn, r rates) {
	m.known = m.known || r.judged
	switch {
	case r.limit >= 0:
		m.inFlight--
		m.resize(float64(r.limit))
		if r.limited {
			m.drained(now, r)
		}
		m.correct(now, t, float64(r.remaining), r.limited)
	case r.limited:
		m.inFlight--
		m.drained(now, r)
	case r.judged:
		m.inFlight-- // counted all the same
	default:
		m.unanswered()
	}
}

// correct takes over what Atlas says remained. Exchanges that were under way at
// the same time may have been counted before or after: between these bounds the
// model's own count stays. An answer that was overtaken says nothing new.
func (m *model) correct(now time.Time, t turn, remaining float64, limited bool) {
	if t.number < m.newest {
		return
	}
	m.newest = t.number
	most := remaining - float64(m.started-t.number) - float64(m.reserved)
	m.tokens, m.at = min(max(m.level(now), m.least(t, remaining)), most), now
	m.seen, m.told = remaining, now
	if !limited {
		m.refill.observe(now, t.number, remaining, m.capacity)
	}
}

// least is what must be left when so much remained by an answer: all that was
// under way with it may not have been counted yet.
func (m *model) least(t turn, remaining float64) float64 {
	return remaining - float64(m.started-1-t.ended) - float64(m.reserved)
}

// surplus is how much more there is than the model has, by what remained.
func (m *model) surplus(now time.Time, t turn, remaining float64) float64 {
	return m.least(t, remaining) - m.level(now)
}

// drained takes in a 429.
func (m *model) drained(now time.Time, r rates) {
	if r.refill > 0 {
		m.refill.learned = r.refill
	}
	m.refill.restart()
	m.tokens, m.at = min(m.level(now), 0), now
}

// resize forgets what was learned about a limit that is no more.
func (m *model) resize(capacity float64) {
	if m.capacity != capacity && m.capacity != 0 {
		m.refill = refill{}
	}
	m.capacity = capacity
}

// doubt sends a model that knows no numbers back to its trial, after a 429.
func (m *model) doubt(pausedUntil time.Time) {
	if m.capacity == 0 {
		m.known, m.trialEnds = false, pausedUntil.Add(trialTime)
	}
}

// level is how many exchanges may start, the spare counted in.
func (m *model) level(now time.Time) float64 {
	return min(m.capacity, m.tokens+m.rate()*now.Sub(m.at).Seconds())
}

func (m *model) underWay() int { return m.reserved + m.inFlight }

// wait is how long it takes until there is a place behind so many others, if no
// answer comes before and tells otherwise.
func (m *model) wait(now time.Time, ahead int) time.Duration {
	if m.capacity == 0 && m.known {
		return 0
	}
	var wait time.Duration
	if missing := float64(ahead+1) + m.spare() - m.level(now); m.capacity > 0 && missing > 1e-6 {
		wait = seconds(missing / m.rate())
		if m.underWay() == 0 {
			probe := max(m.told.Add(m.refill.probe()).Sub(now), 0)
			wait = min(wait, probe+seconds(float64(ahead)/m.rate()))
		}
	}
	if float64(m.underWay()+ahead) < max(trialCalls, window*min(m.seen, m.tokens)) {
		return wait
	}
	return max(wait, m.trialEnds.Sub(now))
}

// spare is what is left in the bucket.
func (m *model) spare() float64 {
	return min(max(math.Floor(m.capacity/10), 1), maxSpare, (m.capacity-1)/2)
}

func (m *model) rate() float64 { return m.refill.perSecond(m.capacity) }

// interval is the time between two exchanges when the bucket is empty.
func (m *model) interval() time.Duration {
	if m.capacity == 0 {
		return 0
	}
	return seconds(1 / m.rate())
}

// seconds rounds up, so that what is waited for is there afterwards.
func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(s * float64(time.Second)))
}
