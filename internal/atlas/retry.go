package atlas

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	maxAttempts  = 4
	firstBackoff = 200 * time.Millisecond
)

// readRetrier retries reads after transient failures, as long as the wait fits in the context and
// in longestWait. Writes are passed through.
func readRetrier(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return next.RoundTrip(req)
	}
	for attempt := 1; ; attempt++ {
		resp, err := next.RoundTrip(req)
		again, asked := worthRepeating(resp, err)
		if !again || attempt == maxAttempts {
			return resp, err
		}
		x, wait := exchangeOf(req), max(asked, backoff(attempt))
		if x.held+wait > longestWait || !pause(req.Context(), wait) {
			return resp, err
		}
		x.held += wait
	}
}

// worthRepeating reports whether to retry a read, and the delay that the server requires.
func worthRepeating(resp *http.Response, err error) (again bool, asked time.Duration) {
	if err == nil {
		return repeatable(resp.StatusCode), newStatusError(resp).RetryAfter
	}
	if errors.Is(err, errKeptBack) || errors.Is(err, ErrClosed) || errors.Is(err, errTooLarge) {
		return false, 0
	}
	if e, ok := AsError(err); ok {
		return IsUnavailable(e) || IsRateLimited(e), e.RetryAfter
	}
	return true, 0
}

func repeatable(status int) bool {
	return slices.Contains([]int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, status)
}

// backoff doubles with each attempt. Half of it is random, so that callers that failed together do
// not retry together.
func backoff(attempt int) time.Duration {
	full := firstBackoff << (attempt - 1)
	return full/2 + rand.N(full/2)
}

// pause waits for d. It returns false if the context ends first, immediately if its deadline is
// earlier.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter returns the delay that a response requires: the header, in seconds or as a date, else
// the parameters of Atlas's token bucket error (path, seconds to wait, bucket size and refill).
func retryAfter(h http.Header, code string, parameters []text, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if value == "" && code == codeTokenBucket && len(parameters) > 1 {
		value = string(parameters[1])
	}
	const longest = 24 * time.Hour
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), longest)
	}
	return 0
}
