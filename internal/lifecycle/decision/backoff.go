package decision

import "time"

// FailureDelay is the pause after the given number of failures in a row: from one second, doubling, to two minutes.
func FailureDelay(failures int) time.Duration {
	return min(time.Second<<min(max(failures-1, 0), 10), 2*time.Minute)
}
