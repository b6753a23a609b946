package decision

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// What an unanswered POST may have made is ours; what it certainly did not make is matched like any other.
func TestOpenClaim(t *testing.T) {
	never := adoption(v1alpha1.AdoptNever)
	checkDecisions(t, []decisionCase{
		{"no match before settle waits", []change{claimed(time.Second)}, waitingFor("Creating"), nil},
		{"no match at settle waits", []change{claimed(time.Minute), absentFor(time.Hour)}, waitingFor("Creating"), nil},
		{"no match after settle, one list, waits", []change{claimed(time.Hour), absentFor(0)}, waitingFor("Creating"), nil},
		{"no match after settle, no list yet, waits", []change{claimed(time.Hour)}, waitingFor("Creating"), nil},
		{"no match after settle, two lists too close, waits", []change{claimed(time.Hour), absentFor(14 * time.Second)},
			waitingFor("Creating"), nil},
		{"no match after settle, two lists settle apart, is created", []change{claimed(time.Hour), absentFor(time.Minute)}, creating(), nil},
		{"the last list began before settle", []change{claimed(time.Hour), absentFor(time.Minute), func(o *Observation) {
			o.ListBegun = o.Claim.Add(o.Settle)
		}}, waitingFor("Creating"), nil},
		{"one exact match", []change{claimed(time.Second), candidates(equal("a"))}, adopting("a"), nil},
		{"one exact match, Never", []change{never, claimed(time.Second), candidates(equal("a"))}, adopting("a"), nil},
		{"one exact match, default credentials", []change{fromDefaults, claimed(time.Second), candidates(equal("a"))}, adopting("a"), nil},
		{"one exact match, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(equal("a"))}, adopting("a"), nil},
		{"one exact match beside others", []change{claimed(time.Second), candidates(equal("a"), differing("b"))}, adopting("a"), nil},
		{"a connection by name with what a PATCH can mend", []change{claimed(time.Second), candidates(namedObject(differing("a")))}, adopting("a"), nil},
		{"a connection by name of another type, before the time", []change{claimed(time.Second), candidates(namedObject(different("a")))},
			waitingFor("Creating"), nil},
		{"a connection by name of another type, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(namedObject(different("a")))},
			stalledBy("Conflict"), nil},
		{"an inexact link is not ours: wait", []change{claimed(time.Second), candidates(differing("a"))}, waitingFor("Creating"), nil},
		{"an inexact link, after the time, is a conflict and no second POST",
			[]change{claimed(time.Hour), absentFor(time.Hour), candidates(differing("a"))}, stalledBy("Conflict"), nil},
		{"an exact match of another resource is not ours", []change{claimed(time.Second), candidates(ownedBy("shop/other", equal("a")))},
			waitingFor("Creating"), nil},
		{"an exact match of another resource, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(ownedBy("shop/other", equal("a")))},
			stalledBy("AlreadyManaged"), nil},
		{"two exact matches, importId", []change{claimed(time.Second), candidates(equal("a"), equal("b")), imported(equal("b"))}, adopting("b"), nil},
		{"two exact matches, importId, Never", []change{never, claimed(time.Second), candidates(equal("a"), equal("b")), imported(equal("b"))}, adopting("b"), nil},
		{"two exact matches, importId of a third", []change{claimed(time.Second), candidates(equal("a"), equal("b")), imported(differing("c"))},
			stalledBy("Ambiguous"), []string{"a, b"}},
		{"two exact matches, importId of one that another resource owns",
			[]change{claimed(time.Second), candidates(equal("a"), ownedBy("shop/other", equal("b"))), imported(ownedBy("shop/other", equal("b")))}, adopting("a"), nil},
		{"importId, but only another is exact: that is what the POST made", []change{claimed(time.Second), candidates(equal("a")), imported(differing("b"))}, adopting("a"), nil},
		{"importId, no match before the time", []change{claimed(time.Second), imported(differing("b"))}, waitingFor("Creating"), nil},
		{"importId, no match, after the time, equal", []change{claimed(time.Hour), absentFor(time.Hour), imported(equal("b"))}, adopting("b"), nil},
		{"importId, no match, after the time, differs", []change{claimed(time.Hour), absentFor(time.Hour), imported(differing("b"))}, stalledBy("Conflict"), nil},
		{"importId, no match, after the time, missing: never a POST", []change{claimed(time.Hour), absentFor(time.Hour), importing("b")}, stalledBy("ImportNotFound"), nil},
		{"two exact matches", []change{claimed(time.Second), candidates(equal("a"), equal("b"))}, stalledBy("Ambiguous"), []string{"importId"}},
		{"what is being deleted is waited for, after the time too",
			[]change{claimed(time.Hour), absentFor(time.Hour), beingDeletedInAtlas(inState("DELETING", equal("a")))}, waitingFor("Deleting"), nil},
		{"another resource with an older claim takes precedence", []change{claimed(time.Hour), absentFor(time.Hour), precededBy("shop/first")},
			stalledBy("AlreadyManaged"), nil},
		{"Atlas says that it exists and does not show it", []change{claimed(time.Second), func(o *Observation) { o.Exists = "HTTP 409 EXISTS" }},
			waitingFor("Creating"), []string{"HTTP 409 EXISTS"}},
		{"one that may be ours, before the time", []change{claimed(time.Second), candidates(doubtful(equal("a")))}, waitingFor("Creating"), nil},
		{"one that may be ours, after the time, is not taken and no second POST", []change{claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(equal("a")))},
			stalledBy("Ambiguous"), []string{"a", "importId"}},
		{"one that may be ours and differs, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(different("a")))},
			stalledBy("Ambiguous"), []string{"a", "importId"}},
		{"one that may be ours, after the time, Always", []change{claimed(time.Hour), absentFor(time.Hour), adoption(v1alpha1.AdoptAlways), candidates(doubtful(differing("a")))},
			stalledBy("Ambiguous"), []string{"a", "importId"}},
		{"one that may be ours, after the time, Never", []change{never, claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(equal("a")))},
			stalledBy("Ambiguous"), []string{"a", "importId"}},
		{"one that may be ours, named by importId", []change{claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(equal("a"))), imported(equal("a"))}, adopting("a"), nil},
		{"an exact match beside one that may be ours", []change{claimed(time.Second), candidates(doubtful(equal("a")), equal("b"))}, adopting("b"), nil},
	})
}

func TestWhatImportIDChoosesAmongClaimedOnesWasCreated(t *testing.T) {
	g := NewWithT(t)
	chosen := Decide(observing(claimed(time.Second), candidates(equal("a"), equal("b")), imported(equal("b"))))
	g.Expect(chosen.Ownership).To(Equal(v1alpha1.OwnershipCreated))
	late := Decide(observing(claimed(time.Hour), absentFor(time.Hour), imported(equal("b"))))
	g.Expect(late.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
}
