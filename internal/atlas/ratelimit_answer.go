package atlas

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rates is what an answer says about the rate limit.
type rates struct {
	// limit and remaining are -1 when the answer does not say both.
	limit, remaining int
	// limited: the call was refused for there being too many.
	limited bool
	// asked is how long to wait before the next call, 0 when it is not said.
	asked time.Duration
	// refill is in calls per second, 0 when it is not said.
	refill float64
	// judged is false of answers that a call gets before the rate limit is looked
	// at, or from somebody else than Atlas.
	judged bool
}

func readRates(req *http.Request, resp *http.Response) rates {
	r := rates{}
	r.limit, r.remaining = rateHeaders(resp.Header)
	r.judged = r.limit >= 0 || resp.StatusCode < 500 && resp.StatusCode != http.StatusUnauthorized
	if resp.StatusCode < 400 {
		return r
	}
	if e := newStatusError(req, resp, bodyOf(resp)); IsRateLimited(e) {
		r.limited, r.asked = true, e.RetryAfter
		capacity, refill := bucketMeasures(e)
		r.refill = refill
		if r.limit < 0 && capacity > 0 {
			r.limit, r.remaining = capacity, 0
		}
	}
	return r
}

// rateHeaders reads RateLimit-Limit and RateLimit-Remaining, -1 for both when
// one is missing or cannot be.
func rateHeaders(h http.Header) (limit, remaining int) {
	limit, remaining = leadingInt(h.Get("RateLimit-Limit")), leadingInt(h.Get("RateLimit-Remaining"))
	if limit < 1 || remaining < 0 {
		return -1, -1
	}
	return limit, min(remaining, limit)
}

// leadingInt reads "100" and, as drafts of the header have it, "100, 100;w=60".
func leadingInt(value string) int {
	if end := strings.IndexAny(value, ",;"); end >= 0 {
		value = value[:end]
	}
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return -1
	}
	return n
}

// bucketMeasures reads the parameters of Atlas's token bucket error: path,
// seconds to wait, capacity, and how many calls are refilled in how many
// seconds.
func bucketMeasures(e *Error) (capacity int, perSecond float64) {
	if e.Code != codeTokenBucket || len(e.Parameters) < 5 {
		return 0, 0
	}
	capacity, _ = strconv.Atoi(e.Parameters[2])
	refill, err1 := strconv.ParseFloat(e.Parameters[3], 64)
	seconds, err2 := strconv.ParseFloat(e.Parameters[4], 64)
	if err1 != nil || err2 != nil || !(refill > 0 && seconds > 0) || refill/seconds > 1e6 {
		return capacity, 0
	}
	return capacity, refill / seconds
}
