package decision

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func TestDeletion(t *testing.T) {
	abandoned := func(o *Observation) { o.Abandon = true }
	paused, observing := mode(v1alpha1.Paused), mode(v1alpha1.Observe)
	done := outcome{act: ActFinish}
	deletes := outcome{act: ActDelete, target: "a", progress: ProgressReconciling, ready: "False Deleting"}
	blind := outcome{act: ActDelete, progress: ProgressReconciling, ready: "False Deleting"}
	waits := waitingFor("Deleting")
	sent := func(ago time.Duration) change { return func(o *Observation) { o.DeleteSent = noon.Add(-ago) } }
	conflict := func(o *Observation) { found := equal("b"); o.Owned, o.NameConflict = nil, &found }
	adopted := func(o *Observation) { o.Ownership = v1alpha1.OwnershipAdopted }
	cases := []decisionCase{
		// The order: abandon, then Observe and Retain, then Paused, then Delete.
		{"abandon", []change{abandoned, owning(equal("a"))}, done, []string{"a", "may still exist"}},
		{"abandon before Retain", []change{abandoned, retain, owning(equal("a"))}, done, []string{"may still exist"}},
		{"abandon before Paused", []change{abandoned, paused, owning(equal("a"))}, done, nil},
		{"abandon with an open claim", []change{abandoned, claimed(time.Second)}, done, []string{"may exist"}},
		{"abandon of nothing", []change{abandoned}, done, nil},
		{"Observe", []change{observing}, done, nil},
		{"Observe keeps what is owned", []change{observing, owning(equal("a"))}, done, []string{"a", "stays", "Observe"}},
		{"Observe keeps what a claim may have made", []change{observing, claimed(time.Second)}, done, []string{"may exist", "stays", "Observe"}},
		{"Observe before Retain", []change{observing, retain, owning(equal("a"))}, done, []string{"Observe"}},
		{"Observe of what was only observed", []change{observing, func(o *Observation) { o.ID = "a" }}, done, nil},
		{"Retain", []change{retain, owning(equal("a"))}, done, []string{"a", "Retain"}},
		{"Retain before Paused", []change{retain, paused, owning(equal("a"))}, done, nil},
		{"Retain with an open claim goes at once", []change{retain, claimed(time.Second)}, done, []string{"may exist"}},
		{"Paused waits", []change{paused, owning(equal("a"))}, waitingFor("Paused"), []string{"Manage", "Retain", v1alpha1.AnnotationAbandon}},
		{"nothing was made", nil, done, nil},
		{"only observed", []change{func(o *Observation) { o.ID = "a" }}, done, nil},

		{"there", []change{owning(equal("a"))}, deletes, nil},
		{"pending", []change{owning(inState("WORKING", equal("a")))}, deletes, nil},
		{"failed", []change{owning(inState("FAILED", equal("a")))}, deletes, nil},
		{"differs", []change{owning(different("a"))}, deletes, nil},
		{"with a recreate annotation", []change{recreate("a"), owning(equal("a"))}, deletes, nil},
		{"used", []change{owning(equal("a")), usedBy("shop/orders", "shop/stock")}, waitingFor("InUse"), []string{"shop/orders, shop/stock"}},
		{"of an older resource", []change{owning(ownedBy("shop/older", equal("a")))}, done, []string{"shop/older"}},
		{"not shown, no DELETE yet", []change{lost("a", absenceUnknown)}, blind, nil},
		{"not shown by a list, no DELETE yet", []change{lost("a", AbsenceHinted)}, blind, nil},
		{"certainly gone, no DELETE yet", []change{lost("a", AbsenceCertain)}, blind, nil},
		{"not shown after the DELETE", []change{lost("a", AbsenceHinted), sent(time.Second)}, waits, nil},
		{"certainly gone after the DELETE", []change{lost("a", AbsenceCertain), sent(time.Second)}, done, []string{"a"}},
		{"not shown, and used", []change{lost("a", AbsenceHinted), usedBy("shop/orders")}, waits, nil},
		{"certainly gone, and used", []change{lost("a", AbsenceCertain), usedBy("shop/orders")}, blind, nil},
		{"not shown, of an older resource", []change{lost("a", AbsenceHinted), func(o *Observation) { o.Owner = "shop/older" }}, done, []string{"shop/older"}},
		{"another object may have the name", []change{lost("a", AbsenceHinted), conflict}, waits, nil},
		{"another object has the name", []change{lost("a", AbsenceCertain), conflict}, done, []string{"a"}},
		{"adopted, default credentials of another namespace", []change{owning(equal("a")), adopted, fromDefaults}, done, []string{"a", "adopted", "stays"}},
		{"adopted, not shown, default credentials of another namespace", []change{lost("a", AbsenceHinted), adopted, fromDefaults}, done, []string{"adopted"}},
		{"created, default credentials of another namespace", []change{owning(equal("a")), fromDefaults}, deletes, nil},
		{"adopted, own credentials", []change{owning(equal("a")), adopted}, deletes, nil},
	}
	// What Atlas shows of an object that it was asked to delete.
	shown := []decisionCase{
		{"being deleted", []change{owning(inState("DELETING", equal("a")))}, waits, nil},
		{"asked, not settled", []change{owning(equal("a")), sent(time.Second)}, waits, nil},
		{"asked, settled and still there", []change{owning(equal("a")), sent(2 * time.Minute)}, deletes, nil},
		{"failed right after the DELETE", []change{owning(inState("FAILED", equal("a"))), sent(time.Second)}, waits, nil},
		{"failed after the DELETE", []change{owning(inState("FAILED", equal("a"))), sent(time.Hour)}, deletes, nil},
	}
	for i := range shown {
		if shown[i].want.act == ActNothing {
			shown[i].want.target = "a" // its state is published
		}
	}
	cases = append(cases, shown...)
	for i := range cases {
		cases[i].when = append([]change{deleting}, cases[i].when...)
	}
	checkDecisions(t, cases)
}

func TestDeletionWithOpenClaim(t *testing.T) {
	cases := []decisionCase{
		{"not resolved", []change{claimed(time.Second)}, waitingFor("Deleting"), nil},
		{"one list", []change{claimed(time.Hour), absentFor(0)}, waitingFor("Deleting"), nil},
		{"two lists that the same hole could hide it from", []change{claimed(time.Hour), absentFor(15 * time.Second)}, waitingFor("Deleting"), nil},
		{"made nothing", []change{claimed(time.Hour), absentFor(time.Minute)}, outcome{act: ActFinish}, []string{"made nothing"}},
		{"made one", []change{claimed(time.Second), candidates(equal("a"))}, adopting("a"), nil},
		{"made one, late", []change{claimed(time.Hour), absentFor(time.Hour), candidates(equal("a"))}, adopting("a"), nil},
		{"may be one of two", []change{claimed(time.Hour), absentFor(time.Hour), candidates(equal("a"), equal("b"))},
			waitingFor("Ambiguous"), []string{"a, b", v1alpha1.AnnotationAbandon}},
		{"one of another resource is not it", []change{claimed(time.Second), candidates(ownedBy("shop/other", equal("a")))}, waitingFor("Deleting"), nil},
		{"one that differs, before the time", []change{claimed(time.Second), candidates(differing("a"))}, waitingFor("Deleting"), nil},
		{"one that differs, after the time, may be it", []change{claimed(time.Hour), absentFor(time.Hour), candidates(differing("a"))},
			waitingFor("Ambiguous"), []string{"not certain", "a", v1alpha1.AnnotationAbandon}},
		{"one that Atlas does not tell apart, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(equal("a")))},
			waitingFor("Ambiguous"), []string{"not certain", "a", v1alpha1.AnnotationAbandon}},
		{"a recreation that is under way", []change{recreate("old"), claimed(time.Second)}, waitingFor("Deleting"), nil},
		{"importId plays no part", []change{claimed(time.Hour), absentFor(time.Minute), func(o *Observation) { o.ImportID = "b" }},
			outcome{act: ActFinish}, []string{"made nothing"}},
		{"the workspace is gone", []change{claimed(time.Hour), func(o *Observation) { o.Gone = AbsenceCertain }}, outcome{act: ActFinish}, nil},
		{"the workspace is gone, too early to be certain", []change{claimed(time.Second), func(o *Observation) { o.Gone = AbsenceHinted }},
			waitingFor("Deleting"), nil},
	}
	for i := range cases {
		cases[i].when = append([]change{deleting}, cases[i].when...)
	}
	checkDecisions(t, cases)
}

func TestDeletionEvents(t *testing.T) {
	abandoned := func(o *Observation) { o.Abandon = true }
	for name, c := range map[string]struct {
		when []change
		want string
	}{
		"abandoned":            {[]change{abandoned, owning(equal("a"))}, v1alpha1.EventAbandoned},
		"retained":             {[]change{retain, owning(equal("a"))}, v1alpha1.EventRetained},
		"deleted":              {[]change{lost("a", AbsenceCertain), func(o *Observation) { o.DeleteSent = noon }}, v1alpha1.EventDeleted},
		"of an older resource": {[]change{owning(ownedBy("shop/older", equal("a")))}, v1alpha1.EventRetained},
		"retained, open claim": {[]change{retain, claimed(time.Second)}, v1alpha1.EventRetained},
		"observed, owned":      {[]change{mode(v1alpha1.Observe), owning(equal("a"))}, v1alpha1.EventRetained},
		"observed, open claim": {[]change{mode(v1alpha1.Observe), claimed(time.Second)}, v1alpha1.EventRetained},
		"only observed":        {[]change{mode(v1alpha1.Observe), func(o *Observation) { o.ID = "a" }}, ""},
		"nothing to tell":      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := observing(append([]change{deleting}, c.when...)...)
			d := DecideBlind(o)
			if d.Act == ActObserve {
				d = Decide(o)
			}
			g := NewWithT(t)
			g.Expect(d.Act).To(Equal(ActFinish))
			g.Expect(d.Event).To(Equal(c.want))
			if c.want == "" {
				g.Expect(d.Note).To(BeEmpty())
			} else {
				g.Expect(d.Note).NotTo(BeEmpty(), "an event has a note")
			}
		})
	}
}

func TestDeletionShowsItsUsers(t *testing.T) {
	d := Decide(observing(deleting, owning(equal("a")), usedBy("shop/orders")))
	NewWithT(t).Expect(d.Users).To(ConsistOf("shop/orders"))
}
