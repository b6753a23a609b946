package decision

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func TestObserved(t *testing.T) {
	absent := outcome{progress: ProgressReconciling, ready: "False NotFound", synced: "False Missing"}
	found := outcome{target: "a", synced: "True Synced"}
	cases := []decisionCase{
		{"absent", nil, absent, []string{"Observe"}},
		{"found", []change{candidates(equal("a"))}, found, nil},
		{"found, of another resource", []change{candidates(ownedBy("shop/other", equal("a")))}, found, nil},
		{"found, differs", []change{candidates(namedObject(differing("a")))}, outcome{target: "a", synced: "False Drifted"}, []string{"dnsDomain"}},
		{"found, differs in what cannot change", []change{candidates(namedObject(different("a")))}, outcome{target: "a", synced: "False Drifted"}, nil},
		{"found, pending", []change{candidates(inState("WORKING", equal("a")))}, outcome{target: "a", progress: ProgressReconciling, synced: "True Synced"}, nil},
		{"found, failed", []change{candidates(inState("FAILED", equal("a")))}, outcome{target: "a", progress: ProgressStalled, synced: "True Synced"}, nil},
		{"only one that is being deleted", []change{beingDeletedInAtlas(inState("DELETING", equal("a")))},
			outcome{target: "a", progress: ProgressReconciling, synced: "True Synced"}, nil},
		{"several", []change{candidates(equal("a"), equal("b"))},
			outcome{progress: ProgressReconciling, ready: "False Ambiguous", synced: "Unknown Ambiguous"}, []string{"a, b", "importId"}},
		{"importId", []change{imported(equal("a")), candidates(equal("a"), equal("b"))}, found, nil},
		{"importId, absent", []change{importing("a")},
			outcome{progress: ProgressStalled, ready: "False ImportNotFound", synced: "False Missing"}, []string{"a"}},
		{"owned", []change{owning(equal("a")), candidates(equal("a"), equal("b"))}, found, nil},
		{"owned, differs", []change{owning(differing("a"))}, outcome{target: "a", synced: "False Drifted"}, nil},
		{"owned, secrets have changed", []change{withNewSecrets, withChangedSpec, owning(equal("a"))}, found, nil},
		{"owned, gone", []change{lost("a", AbsenceCertain)}, absent, nil},
		{"open claim", []change{claimed(time.Second), candidates(equal("a"))}, found, nil},
		{"open claim, absent, after the time", []change{claimed(time.Hour), absentFor(time.Hour)}, absent, nil},
		{"a preceding resource does not matter", []change{precededBy("shop/first"), candidates(equal("a"))}, found, nil},
	}
	for i := range cases {
		cases[i].when = append([]change{mode(v1alpha1.Observe)}, cases[i].when...)
	}
	checkDecisions(t, cases)
}

func TestObservingNeverOwns(t *testing.T) {
	d := Decide(observing(mode(v1alpha1.Observe), candidates(equal("a"))))
	NewWithT(t).Expect(d.Ownership).To(BeEmpty())
}
