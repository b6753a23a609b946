package atlas

import (
	"net/http"
	"time"
)

// The endpoint sets, each of which Atlas limits by itself, as CallInfo names
// them.
const (
	setStreams          = "streams"
	setPrivateEndpoints = "privateEndpoints"
	setTokens           = "tokens"
)

// limiter keeps the calls of one credential within Atlas's rate limits. It sits
// where single HTTP exchanges pass, so that challenges, repeats and the fetching
// of tokens are counted as Atlas counts them.
type limiter struct {
	streams, privateEndpoints, tokens *rateSet
}

func newLimiter() *limiter {
	return &limiter{streams: newRateSet(), privateEndpoints: newRateSet(), tokens: newRateSet()}
}

func (l *limiter) set(name string) *rateSet {
	switch name {
	case setTokens:
		return l.tokens
	case setPrivateEndpoints:
		return l.privateEndpoints
	default:
		return l.streams
	}
}

// limit is the layer: it waits for the exchange's turn and learns from its
// answer, whose body answerReader has in memory.
func (l *limiter) limit(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		ctx := req.Context()
		x := exchangeOf(ctx)
		asked := time.Now()
		t, err := l.set(x.set).turn(ctx, x.project, priorityOf(ctx, x.priority), max(longestWait-x.held, 0))
		x.waited = time.Since(asked)
		x.held += x.waited
		if err != nil {
			return nil, &wireError{err: err}
		}
		resp, err := next.RoundTrip(req)
		if err != nil {
			t.bucket.unanswered()
			return nil, err
		}
		t.bucket.answered(t, x.project, readRates(req, resp))
		return resp, nil
	})
}
