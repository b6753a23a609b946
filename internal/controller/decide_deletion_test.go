package controller

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func TestDeletion(t *testing.T) {
	abandoned := func(o *observation) { o.abandon = true }
	paused, observing := mode(v1alpha1.Paused), mode(v1alpha1.Observe)
	done := outcome{act: actFinish}
	deletes := outcome{act: actDelete, target: "a", progress: progressReconciling, ready: "False Deleting"}
	blind := outcome{act: actDelete, progress: progressReconciling, ready: "False Deleting"}
	waits := waitingFor("Deleting")
	sent := func(ago time.Duration) change { return func(o *observation) { o.deleteSent = noon.Add(-ago) } }
	impostor := func(o *observation) { v := equal("b"); o.owned, o.nameConflict = nil, &v }
	adopted := func(o *observation) { o.ownership = v1alpha1.OwnershipAdopted }
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
		{"Observe of what was only observed", []change{observing, func(o *observation) { o.id = "a" }}, done, nil},
		{"Retain", []change{retain, owning(equal("a"))}, done, []string{"a", "Retain"}},
		{"Retain before Paused", []change{retain, paused, owning(equal("a"))}, done, nil},
		{"Retain with an open claim goes at once", []change{retain, claimed(time.Second)}, done, []string{"may exist"}},
		{"Paused waits", []change{paused, owning(equal("a"))}, waitingFor("Paused"), []string{"Manage", "Retain", v1alpha1.AnnotationAbandon}},
		{"nothing was made", nil, done, nil},
		{"only observed", []change{func(o *observation) { o.id = "a" }}, done, nil},

		{"there", []change{owning(equal("a"))}, deletes, nil},
		{"pending", []change{owning(inState("WORKING", equal("a")))}, deletes, nil},
		{"failed", []change{owning(inState("FAILED", equal("a")))}, deletes, nil},
		{"differs", []change{owning(different("a"))}, deletes, nil},
		{"with a recreate annotation", []change{recreate("a"), owning(equal("a"))}, deletes, nil},
		{"used", []change{owning(equal("a")), usedBy("shop/orders", "shop/stock")}, waitingFor("InUse"), []string{"shop/orders, shop/stock"}},
		{"of an older resource", []change{owning(ownedBy("shop/older", equal("a")))}, done, []string{"shop/older"}},
		{"not shown, no DELETE yet", []change{lost("a", absenceUnknown)}, blind, nil},
		{"not shown by a list, no DELETE yet", []change{lost("a", absenceHinted)}, blind, nil},
		{"certainly gone, no DELETE yet", []change{lost("a", absenceCertain)}, blind, nil},
		{"not shown after the DELETE", []change{lost("a", absenceHinted), sent(time.Second)}, waits, nil},
		{"certainly gone after the DELETE", []change{lost("a", absenceCertain), sent(time.Second)}, done, []string{"a"}},
		{"not shown, and used", []change{lost("a", absenceHinted), usedBy("shop/orders")}, waits, nil},
		{"certainly gone, and used", []change{lost("a", absenceCertain), usedBy("shop/orders")}, blind, nil},
		{"not shown, of an older resource", []change{lost("a", absenceHinted), func(o *observation) { o.owner = "shop/older" }}, done, []string{"shop/older"}},
		{"another object may have the name", []change{lost("a", absenceHinted), impostor}, waits, nil},
		{"another object has the name", []change{lost("a", absenceCertain), impostor}, done, []string{"a"}},
		{"adopted, default credentials of another namespace", []change{owning(equal("a")), adopted, borrowing}, done, []string{"a", "adopted", "stays"}},
		{"adopted, not shown, default credentials of another namespace", []change{lost("a", absenceHinted), adopted, borrowing}, done, []string{"adopted"}},
		{"created, default credentials of another namespace", []change{owning(equal("a")), borrowing}, deletes, nil},
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
		if shown[i].want.act == actNothing {
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
		{"made nothing", []change{claimed(time.Hour), absentFor(time.Minute)}, outcome{act: actFinish}, []string{"made nothing"}},
		{"made one", []change{claimed(time.Second), candidates(equal("a"))}, taking("a"), nil},
		{"made one, late", []change{claimed(time.Hour), absentFor(time.Hour), candidates(equal("a"))}, taking("a"), nil},
		{"may be one of two", []change{claimed(time.Hour), absentFor(time.Hour), candidates(equal("a"), equal("b"))},
			waitingFor("Ambiguous"), []string{"a, b", v1alpha1.AnnotationAbandon}},
		{"one of another resource is not it", []change{claimed(time.Second), candidates(ownedBy("shop/other", equal("a")))}, waitingFor("Deleting"), nil},
		{"one that differs, before the time", []change{claimed(time.Second), candidates(mendable("a"))}, waitingFor("Deleting"), nil},
		{"one that differs, after the time, may be it", []change{claimed(time.Hour), absentFor(time.Hour), candidates(mendable("a"))},
			waitingFor("Ambiguous"), []string{"not certain", "a", v1alpha1.AnnotationAbandon}},
		{"one that Atlas does not tell apart, after the time", []change{claimed(time.Hour), absentFor(time.Hour), candidates(doubtful(equal("a")))},
			waitingFor("Ambiguous"), []string{"not certain", "a", v1alpha1.AnnotationAbandon}},
		{"a recreation that is under way", []change{recreate("old"), claimed(time.Second)}, waitingFor("Deleting"), nil},
		{"importId plays no part", []change{claimed(time.Hour), absentFor(time.Minute), func(o *observation) { o.importID = "b" }},
			outcome{act: actFinish}, []string{"made nothing"}},
		{"the workspace is gone", []change{claimed(time.Hour), func(o *observation) { o.gone = absenceCertain }}, outcome{act: actFinish}, nil},
		{"the workspace is gone, too early to be certain", []change{claimed(time.Second), func(o *observation) { o.gone = absenceHinted }},
			waitingFor("Deleting"), nil},
	}
	for i := range cases {
		cases[i].when = append([]change{deleting}, cases[i].when...)
	}
	checkDecisions(t, cases)
}

func TestDeletionEvents(t *testing.T) {
	abandoned := func(o *observation) { o.abandon = true }
	for name, c := range map[string]struct {
		when []change
		want string
	}{
		"abandoned":            {[]change{abandoned, owning(equal("a"))}, v1alpha1.EventAbandoned},
		"retained":             {[]change{retain, owning(equal("a"))}, v1alpha1.EventRetained},
		"deleted":              {[]change{lost("a", absenceCertain), func(o *observation) { o.deleteSent = noon }}, v1alpha1.EventDeleted},
		"of an older resource": {[]change{owning(ownedBy("shop/older", equal("a")))}, v1alpha1.EventRetained},
		"retained, open claim": {[]change{retain, claimed(time.Second)}, v1alpha1.EventRetained},
		"observed, owned":      {[]change{mode(v1alpha1.Observe), owning(equal("a"))}, v1alpha1.EventRetained},
		"observed, open claim": {[]change{mode(v1alpha1.Observe), claimed(time.Second)}, v1alpha1.EventRetained},
		"only observed":        {[]change{mode(v1alpha1.Observe), func(o *observation) { o.id = "a" }}, ""},
		"nothing to tell":      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := situate(append([]change{deleting}, c.when...)...)
			d := decideBlind(o)
			if d.act == actObserve {
				d = decide(o)
			}
			g := NewWithT(t)
			g.Expect(d.act).To(Equal(actFinish))
			g.Expect(d.event).To(Equal(c.want))
			if c.want == "" {
				g.Expect(d.note).To(BeEmpty())
			} else {
				g.Expect(d.note).NotTo(BeEmpty(), "an event has a note")
			}
		})
	}
}

func TestDeletionShowsItsUsers(t *testing.T) {
	d := decide(situate(deleting, owning(equal("a")), usedBy("shop/orders")))
	NewWithT(t).Expect(d.users).To(ConsistOf("shop/orders"))
}
