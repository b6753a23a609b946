package lifecycle

import (
	"math/rand/v2"
	"time"
)

const (
	// patience is how long an object may be pending before it is polled less and less often.
	patience = 10 * time.Minute
	// slowestPending is the longest pause between two looks at a pending object.
	slowestPending = 2 * time.Minute
)

// pendingDelay is the pause before the next look at an object that has been pending for waited: 1, 2, 4 and 8
// seconds at first, then interval, and after ten minutes growing to two minutes.
func pendingDelay(waited, interval time.Duration) time.Duration {
	for early := time.Second; early <= 8*time.Second; early *= 2 {
		if waited < 2*early-time.Second {
			return min(early, interval)
		}
	}
	if waited <= patience {
		return interval
	}
	grown := time.Duration(float64(interval) * float64(waited) / float64(patience))
	return max(interval, min(grown, slowestPending))
}

const (
	// crowd is how many objects of one list have to be waited for until they are looked at together: each early look
	// reads the whole list.
	crowd = 20
	// crowdDelay is the shortest pause between two looks then.
	crowdDelay = 8 * time.Second
)

// crowdedDelay is pendingDelay where so many objects of the same list are waited for.
func crowdedDelay(waited, interval time.Duration, waiting int) time.Duration {
	delay := pendingDelay(waited, interval)
	if waiting < crowd {
		return delay
	}
	return max(delay, min(crowdDelay, interval))
}

// rejectionDelay is the pause after the given number of refusals in a row. What Atlas refuses may depend on roles,
// quotas, clusters and settings that change outside, so it is tried again, slowly.
func rejectionDelay(rejections int) time.Duration {
	delays := [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}
	return delays[max(min(rejections, len(delays))-1, 0)]
}

// jitter lengthens a pause by up to a tenth, so that resources do not all come back at the same moment.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/10+1) }
