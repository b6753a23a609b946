package atlas

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestRateHeadersAreRead(t *testing.T) {
	for name, tc := range map[string]struct {
		limit, remaining         string
		wantLimit, wantRemaining int
	}{
		"both":       {"1200", "7", 1200, 7},
		"nothing":    {"", "", -1, -1},
		"one":        {"1200", "", -1, -1},
		"the other":  {"", "7", -1, -1},
		"zero left":  {"1200", "0", 1200, 0},
		"zero limit": {"0", "0", -1, -1},
		"negative":   {"1200", "-1", -1, -1},
		"words":      {"many", "few", -1, -1},
		"more left":  {"10", "70", 10, 10},
		"draft":      {"100, 100;w=60", "50;x", 100, 50},
	} {
		h := http.Header{}
		h.Set("RateLimit-Limit", tc.limit)
		h.Set("RateLimit-Remaining", tc.remaining)
		limit, remaining := rateHeaders(h)
		NewWithT(t).Expect([]int{limit, remaining}).To(Equal([]int{tc.wantLimit, tc.wantRemaining}), name)
	}
}

func TestBucketMeasuresAreRead(t *testing.T) {
	for name, tc := range map[string]struct {
		code       string
		parameters []string
		capacity   int
		perSecond  float64
	}{
		"whole":       {codeTokenBucket, []string{"/p", "4", "40", "20", "1"}, 40, 20},
		"per minute":  {codeTokenBucket, []string{"/p", "4", "1200", "600", "60"}, 1200, 10},
		"short":       {codeTokenBucket, []string{"/p", "4"}, 0, 0},
		"no rate":     {codeTokenBucket, []string{"/p", "4", "40", "x", "1"}, 40, 0},
		"no time":     {codeTokenBucket, []string{"/p", "4", "40", "20", "0"}, 40, 0},
		"not numbers": {codeTokenBucket, []string{"/p", "4", "40", "NaN", "NaN"}, 40, 0},
		"infinite":    {codeTokenBucket, []string{"/p", "4", "40", "Inf", "1"}, 40, 0},
		"another":     {codeRateLimited, []string{"/api/oauth/token", "10", "1", "1", "1"}, 0, 0},
	} {
		capacity, perSecond := bucketMeasures(&Error{Code: tc.code, Parameters: tc.parameters})
		g := NewWithT(t)
		g.Expect(capacity).To(Equal(tc.capacity), name)
		g.Expect(perSecond).To(Equal(tc.perSecond), name)
	}
}

// A model of 40 places of which so many remained by an answer that nothing else
// was under way with.
func modelWith(now time.Time, remaining int) *model {
	m := &model{}
	m.reserve(now)
	m.answered(now, m.start(), rates{limit: 40, remaining: remaining, judged: true})
	return m
}

func TestTheModelFollowsWhatAtlasReports(t *testing.T) {
	g := NewWithT(t)
	now := time.Now()
	m := modelWith(now, 20)
	g.Expect(m.level(now)).To(Equal(20.0))

	m.reserve(now)
	first := m.start()
	m.reserve(now)
	second := m.start()
	m.reserve(now)
	g.Expect(m.level(now)).To(Equal(17.0), "what is under way is taken out")

	m.answered(now, second, rates{limit: 40, remaining: 19, judged: true})
	g.Expect(m.level(now)).To(Equal(17.0), "the first call may be counted or not")
	m.answered(now, first, rates{limit: 40, remaining: 18, judged: true})
	g.Expect(m.level(now)).To(Equal(17.0), "and its answer was overtaken")
	m.cancel()
	g.Expect(m.level(now)).To(Equal(18.0))

	m.reserve(now)
	m.answered(now, m.start(), rates{limit: 40, remaining: 5, judged: true})
	g.Expect(m.level(now)).To(Equal(5.0), "somebody else took the rest")
	m.reserve(now)
	m.answered(now, m.start(), rates{limit: 10, remaining: 9, judged: true})
	g.Expect(m.level(now)).To(Equal(9.0))
	g.Expect(m.capacity).To(Equal(10.0))
}

func TestWhatAtlasHasNotCountedIsGivenBack(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(*model, time.Time, turn)
		want float64
	}{
		"no answer":   {func(m *model, _ time.Time, _ turn) { m.unanswered() }, 20},
		"a challenge": {func(m *model, now time.Time, t turn) { m.answered(now, t, rates{limit: -1}) }, 20},
		"an answer":   {func(m *model, now time.Time, t turn) { m.answered(now, t, rates{limit: -1, judged: true}) }, 19},
		"a 429":       {func(m *model, now time.Time, t turn) { m.answered(now, t, rates{limit: -1, limited: true}) }, 0},
	} {
		now := time.Now()
		m := modelWith(now, 20)
		m.reserve(now)
		tc.end(m, now, m.start())
		g := NewWithT(t)
		g.Expect(m.level(now)).To(Equal(tc.want), name)
		g.Expect(m.underWay()).To(BeZero(), name)
	}
}

func TestTheRateIsMeasured(t *testing.T) {
	g := NewWithT(t)
	now := time.Now()
	m := modelWith(now, 10)
	g.Expect(m.rate()).To(BeNumerically("~", 0.95), "a guess")
	for range 20 { // ten calls a second, all of which are filled up meanwhile
		now = now.Add(100 * time.Millisecond)
		m.reserve(now)
		m.answered(now, m.start(), rates{limit: 40, remaining: 10, judged: true})
	}
	g.Expect(m.rate()).To(BeNumerically("~", 0.95*10, 0.01))
	m.reserve(now)
	m.answered(now, m.start(), rates{limit: 40, limited: true, refill: 8})
	g.Expect(m.rate()).To(BeNumerically("~", 0.95*8, 0.01), "a 429 knows better")
}

func TestTheQueueLetsNobodyStarve(t *testing.T) {
	g := NewWithT(t)
	var q queue
	list := q.push(PriorityList)
	for range 2 * oldestTurn {
		q.push(PriorityWrite)
	}
	g.Expect(q.ahead(PriorityWrite)).To(Equal(2 * oldestTurn))
	g.Expect(q.ahead(PriorityList)).To(Equal(2*oldestTurn + 1))
	turn := 1
	for q.pop() != list {
		turn++
	}
	g.Expect(turn).To(Equal(oldestTurn))
}
