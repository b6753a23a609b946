package main

import (
	"net/url"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestAtlasCalls(t *testing.T) {
	g := NewWithT(t)
	type counts = map[atlastest.Operation]int
	earlier := atlasCalls{answered: counts{atlastest.OpToken: 1, atlastest.OpListConnections: 2}, challenged: 1}
	later := atlasCalls{
		answered: counts{
			atlastest.OpToken: 2, atlastest.OpRevoke: 1, atlastest.OpListConnections: 5,
			atlastest.OpCreateConnection: 10, atlastest.OpUpdatePrivateLink: 1, atlastest.OpGetConnection: 4,
		},
		rejected: counts{atlastest.OpCreateConnection: 2, atlastest.OpListConnections: 1}, challenged: 3, overlapped: 1,
	}
	calls := later.since(earlier)
	g.Expect(calls.requests()).To(Equal(18), "without the traffic of tokens and challenges")
	g.Expect(calls.logins()).To(Equal(3))
	g.Expect(calls.writes()).To(Equal(11))
	g.Expect(calls.tooMany()).To(Equal(3))
	g.Expect(calls.overlapped).To(Equal(1))
	g.Expect(calls.of(listOperations...)).To(Equal(3))
	g.Expect(calls.describe()).To(Equal("10 createStreamConnection (2 rejected), 4 getStreamConnection, " +
		"3 listStreamConnections (1 rejected), 1 oauthRevoke, 1 oauthToken, 1 updatePrivateLinkConnection, 2 challenges"))
}

func TestPollsIn(t *testing.T) {
	request := func(op atlastest.Operation, page string) atlastest.Request {
		r := atlastest.Request{Operation: op, Query: url.Values{}}
		if page != "" {
			r.Query.Set("pageNum", page)
		}
		return r
	}
	g := NewWithT(t)
	polls, pages := pollsIn([]atlastest.Request{
		request(atlastest.OpListConnections, "2"), // of a poll that began earlier
		request(atlastest.OpListConnections, "1"), request(atlastest.OpListConnections, "2"),
		request(atlastest.OpListPrivateLinks, "1"), request(atlastest.OpGetConnection, ""),
		request(atlastest.OpListConnections, ""),
	}, atlastest.OpListConnections)
	g.Expect([]int{polls, pages}).To(Equal([]int{2, 4}))
}

func TestPagesOf(t *testing.T) {
	g := NewWithT(t)
	for objects, pages := range map[int]int{0: 1, 1: 1, 500: 1, 501: 2, 1000: 2, 1001: 3} {
		g.Expect(pagesOf(objects)).To(Equal(pages), "%d objects", objects)
	}
}
