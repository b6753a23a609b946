package atlas

import (
	"math"
	"time"
)

const (
	// trialCalls is how many exchanges may be under way at a time until a first
	// answer tells how many more there may be, for at most trialTime.
	trialCalls = 4
	trialTime  = time.Second
	// maxReserve bounds what is left in a bucket. It makes up for what the model
	// cannot know: other users of the same bucket, and what is under way.
	maxReserve = 10
)

// model is what is known of a token bucket at Atlas. It knows no clock and is
// not safe for concurrent use.
//
// The number that Atlas reports rules. To be too careful costs no time, for what
// is left in the bucket can be used later; only a full bucket loses something.
// That is why the model takes away what Atlas may not have counted yet, and adds
// only what has certainly been filled up.
type model struct {
	capacity float64 // 0: not known, and no limit
	tokens   float64 // at the time at, without what is reserved or under way
	at       time.Time
	refill   refill

	reserved, inFlight int
	// started counts the exchanges, newest is the one that started last of those
	// whose answers were taken in.
	started, newest uint64

	known     bool // an answer has come, so that no limit is known to be none
	trialEnds time.Time
}

// reserve takes a place.
func (m *model) reserve(now time.Time) {
	if m.trialEnds.IsZero() {
		m.trialEnds = now.Add(trialTime)
	}
	m.add(now, -1)
	m.reserved++
}

// cancel gives a place back.
func (m *model) cancel(now time.Time) {
	m.reserved--
	m.add(now, 1)
}

// start makes a place an exchange and returns its number.
func (m *model) start() uint64 {
	m.reserved--
	m.inFlight++
	m.started++
	return m.started
}

// unanswered ends an exchange that Atlas probably has not counted.
func (m *model) unanswered(now time.Time) {
	m.inFlight--
	m.refill.uncounted++
	m.add(now, 1)
}

// answered ends an exchange. Exchanges that started after it are taken for not
// counted in its answer yet; an answer that was overtaken says nothing new.
func (m *model) answered(now time.Time, number uint64, r rates) {
	m.known = m.known || r.judged
	if r.limited && r.refill > 0 {
		m.refill.learned = r.refill
	}
	switch {
	case r.limit < 0 && !r.limited:
		m.unanswered(now)
		return
	case r.limit < 0:
		m.tokens, m.at = min(m.level(now), 0), now
	case number > m.newest:
		m.resize(float64(r.limit))
		m.newest = number
		m.tokens, m.at = float64(r.remaining)-float64(m.started-number)-float64(m.reserved), now
	}
	m.inFlight--
	if r.limited {
		m.refill.restart()
	} else if number == m.newest {
		m.refill.observe(now, number, float64(r.remaining), m.capacity)
	}
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

// level is how many exchanges may start, the reserve counted in.
func (m *model) level(now time.Time) float64 {
	return min(m.capacity, m.tokens+m.rate()*now.Sub(m.at).Seconds())
}

func (m *model) add(now time.Time, n float64) {
	m.tokens, m.at = m.level(now)+n, now
}

// wait is how long it takes until there is a place behind so many others.
func (m *model) wait(now time.Time, ahead int) time.Duration {
	if m.capacity == 0 {
		if m.known || m.reserved+m.inFlight+ahead < trialCalls {
			return 0
		}
		return max(m.trialEnds.Sub(now), 0)
	}
	missing := float64(ahead+1) + m.spare() - m.level(now)
	if missing <= 1e-6 {
		return 0
	}
	return time.Duration(math.Ceil(missing / m.rate() * float64(time.Second)))
}

// spare is what is left in the bucket.
func (m *model) spare() float64 {
	return min(max(math.Floor(m.capacity/10), 1), maxReserve, m.capacity-1)
}

func (m *model) rate() float64 { return m.refill.perSecond(m.capacity) }

// interval is the time between two exchanges when the bucket is empty.
func (m *model) interval() time.Duration {
	if m.capacity == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / m.rate())
}
