package decision

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// noon is when every decision of these tests is made.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

type change func(o *Observation)

// observing is a managed link that was just looked for, with the default policies and nothing in Atlas.
func observing(changes ...change) *Observation {
	o := &Observation{
		Now: noon, Settle: time.Minute, Poll: 15 * time.Second,
		Kind: "private link", HasFinalizer: true, ListBegun: noon,
		Spec: v1alpha1.ManagedSpec{
			ManagementPolicy: v1alpha1.Manage, DeletionPolicy: v1alpha1.Delete,
			DriftPolicy: v1alpha1.Correct, AdoptionPolicy: v1alpha1.AdoptIfMatches,
		},
	}
	for _, c := range changes {
		c(o)
	}
	return o
}

// outcome is a decision in short. Conditions read "False Conflict"; empty says that the condition is left alone.
type outcome struct {
	act           Action
	target        string
	progress      Progress
	ready, synced string
}

func outcomeOf(d Decision) outcome {
	o := outcome{act: d.Act, progress: d.Progress, ready: short(d.Ready), synced: short(d.Synced)}
	if d.Target != nil {
		o.target = d.Target.ID
	}
	return o
}

func short(s *Condition) string {
	if s == nil {
		return ""
	}
	return s.Status + " " + s.Reason
}

func stalledBy(reason string) outcome {
	return outcome{progress: ProgressStalled, ready: "False " + reason, synced: "False " + reason}
}

func waitingFor(reason string) outcome {
	return outcome{progress: ProgressReconciling, ready: "False " + reason}
}

func adopting(id string) outcome {
	return outcome{act: ActAdopt, target: id, progress: ProgressReconciling}
}

func creating() outcome {
	return outcome{act: ActCreate, progress: ProgressReconciling, ready: "False Creating", synced: "False Missing"}
}

// allMessages is every text of a decision.
func allMessages(d Decision) string {
	text := d.Note
	for _, s := range []*Condition{d.Ready, d.Synced} {
		if s != nil {
			text += " " + s.Message
		}
	}
	return text
}

// equal, mendable and different are objects of Atlas that agree with the spec, that a PATCH can bring in line, and that
// only a new one can.
func equal(id string) RemoteObject { return RemoteObject{ID: id, States: linkStates, State: "DONE"} }

func differing(id string) RemoteObject {
	return RemoteObject{ID: id, States: linkStates, State: "DONE", Differences: []Difference{{Path: "dnsDomain"}}}
}

func different(id string) RemoteObject {
	return RemoteObject{ID: id, States: linkStates, State: "DONE", Differences: []Difference{{Path: "arn", Fixed: true}, {Path: "dnsDomain"}}}
}

func inState(state string, found RemoteObject) RemoteObject { found.State = state; return found }
func namedObject(found RemoteObject) RemoteObject           { found.Named = true; return found }
func anonymous(found RemoteObject) RemoteObject             { found.Anonymous = true; return found }
func doubtful(found RemoteObject) RemoteObject              { found.Doubtful = true; return found }
func ownedBy(owner string, found RemoteObject) RemoteObject { found.Owner = owner; return found }

func candidates(views ...RemoteObject) change { return func(o *Observation) { o.Candidates = views } }
func beingDeletedInAtlas(views ...RemoteObject) change {
	return func(o *Observation) { o.Deleting = views }
}
func imported(found RemoteObject) change {
	return func(o *Observation) { o.ImportID, o.Imported = found.ID, &found }
}

func importing(id string) change {
	return func(o *Observation) { o.ImportID, o.ImportMissing = id, true }
}

func owning(found RemoteObject) change {
	return func(o *Observation) {
		o.ID, o.Ownership, o.Claim = found.ID, v1alpha1.OwnershipCreated, noon.Add(-time.Hour)
		o.Owned, o.Owner = &found, found.Owner
	}
}

// lost is a resource whose object is not seen any more.
func lost(id string, sure absence) change {
	return func(o *Observation) {
		o.ID, o.Ownership, o.Gone, o.Claim = id, v1alpha1.OwnershipCreated, sure, noon.Add(-time.Hour)
	}
}

func claimed(ago time.Duration) change { return func(o *Observation) { o.Claim = noon.Add(-ago) } }

// absentFor: the first list that did not show the claimed object began so long before the last one.
func absentFor(d time.Duration) change {
	return func(o *Observation) { o.AbsentSince = o.ListBegun.Add(-d) }
}

func adoption(p v1alpha1.AdoptionPolicy) change {
	return func(o *Observation) { o.Spec.AdoptionPolicy = p }
}
func mode(p v1alpha1.ManagementPolicy) change {
	return func(o *Observation) { o.Spec.ManagementPolicy = p }
}
func retain(o *Observation)          { o.Spec.DeletionPolicy = v1alpha1.Retain }
func reporting(o *Observation)       { o.Spec.DriftPolicy = v1alpha1.Report }
func withChangedSpec(o *Observation) { o.SpecChanged = true }
func withNewSecrets(o *Observation)  { o.ResendSecrets = true }
func fromDefaults(o *Observation)    { o.FromDefaults = true }
func deleting(o *Observation)        { o.BeingDeleted = true }
func recreate(id string) change {
	return func(o *Observation) { o.Recreate = id }
}
func usedBy(names ...string) change { return func(o *Observation) { o.Users = names } }
func untried(by string) change      { return func(o *Observation) { o.Untried = by } }
func precededBy(by string) change   { return func(o *Observation) { o.Preceding = by } }
func gatedBy(reason string) change {
	return func(o *Observation) {
		o.Gate = &Blocker{Effect: Missing, Reason: reason, Message: "wait for it", Watched: true}
	}
}
func secretMissing(o *Observation) {
	o.SecretGate = &Blocker{Effect: Missing, Reason: v1alpha1.ReasonSecretNotFound, Message: "Secret a/b does not exist", Watched: true}
}
func wroteAgo(d time.Duration) change { return func(o *Observation) { o.LastWrite = noon.Add(-d) } }

type decisionCase struct {
	name string
	when []change
	want outcome
	// says has to be in the messages.
	says []string
}

func checkDecisions(t *testing.T, cases []decisionCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			o := observing(c.when...)
			d := DecideBlind(o)
			if d.Act == ActObserve {
				d = Decide(o)
			}
			g.Expect(outcomeOf(d)).To(Equal(c.want), allMessages(d))
			for _, text := range c.says {
				g.Expect(allMessages(d)).To(ContainSubstring(text))
			}
		})
	}
}

func TestMatchingWithoutObject(t *testing.T) {
	checkDecisions(t, []decisionCase{
		{"nothing there is created", nil, creating(), nil},
		{"nothing there is created whatever the policy: Always", []change{adoption(v1alpha1.AdoptAlways)}, creating(), nil},
		{"nothing there is created whatever the policy: Never", []change{adoption(v1alpha1.AdoptNever)}, creating(), nil},
		{"one that is being deleted is waited for", []change{beingDeletedInAtlas(inState("DELETING", equal("a")))},
			waitingFor("Deleting"), []string{"a"}},
		{"another resource takes precedence", []change{precededBy("shop/first")}, stalledBy("AlreadyManaged"), []string{"shop/first"}},
		{"another resource takes precedence even where a candidate is", []change{precededBy("shop/first"), candidates(equal("a"))},
			stalledBy("AlreadyManaged"), nil},
		{"an older resource is tried first", []change{untried("shop/older"), candidates(equal("a"))},
			waitingFor("Creating"), []string{"shop/older"}},
		{"owned by another", []change{candidates(ownedBy("shop/other", equal("a")))},
			stalledBy("AlreadyManaged"), []string{"shop/other", "a"}},
		{"owned by another, Always", []change{candidates(ownedBy("shop/other", equal("a"))), adoption(v1alpha1.AdoptAlways)},
			stalledBy("AlreadyManaged"), nil},
		{"several", []change{candidates(equal("a"), different("b"))}, stalledBy("Ambiguous"), []string{"a, b", "importId"}},
		{"several, Always", []change{candidates(equal("a"), equal("b")), adoption(v1alpha1.AdoptAlways)}, stalledBy("Ambiguous"), nil},
		{"a gate holds a creation", []change{gatedBy("LinkNotReady")},
			outcome{progress: ProgressReconciling, ready: "False LinkNotReady", synced: "False Missing"}, []string{"wait for it"}},
		{"a missing Secret holds a creation", []change{secretMissing},
			outcome{progress: ProgressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
	})
}

func TestAdoption(t *testing.T) {
	always, never := adoption(v1alpha1.AdoptAlways), adoption(v1alpha1.AdoptNever)
	checkDecisions(t, []decisionCase{
		{"IfMatches, equal", []change{candidates(equal("a"))}, adopting("a"), nil},
		{"IfMatches, can change", []change{candidates(differing("a"))}, stalledBy("Conflict"), []string{"dnsDomain", "Always"}},
		{"IfMatches, cannot change", []change{candidates(different("a"))}, stalledBy("Conflict"), []string{"arn, dnsDomain"}},
		{"Always, equal", []change{always, candidates(equal("a"))}, adopting("a"), nil},
		{"Always, can change", []change{always, candidates(differing("a"))}, adopting("a"), nil},
		{"Always, cannot change", []change{always, candidates(different("a"))}, adopting("a"), nil},
		{"Never, equal", []change{never, candidates(equal("a"))}, stalledBy("AlreadyExists"), []string{"Never"}},
		{"Never, can change", []change{never, candidates(differing("a"))}, stalledBy("AlreadyExists"), nil},
		{"Never, cannot change", []change{never, candidates(different("a"))}, stalledBy("AlreadyExists"), nil},
		{"importId, equal", []change{imported(equal("a"))}, adopting("a"), nil},
		{"importId among several", []change{imported(equal("a")), candidates(equal("a"), equal("b"))}, adopting("a"), nil},
		{"importId, differs", []change{imported(differing("a"))}, stalledBy("Conflict"), nil},
		{"importId, Always, differs", []change{always, imported(differing("a"))}, adopting("a"), nil},
		{"importId, Never, equal", []change{never, imported(equal("a"))}, adopting("a"), nil},
		{"importId, Never, differs", []change{never, imported(differing("a"))}, stalledBy("Conflict"), nil},
		{"importId, of another", []change{imported(ownedBy("shop/other", equal("a")))}, stalledBy("AlreadyManaged"), nil},
		{"importId, Always, differs in what cannot change", []change{always, imported(different("a"))}, adopting("a"), nil},
		{"importId, being deleted", []change{imported(inState("DELETING", equal("a")))}, waitingFor("Deleting"), []string{"a"}},
		{"importId, not looked for yet", []change{func(o *Observation) { o.ImportID = "a" }}, waitingFor("ImportNotFound"), []string{"a"}},
		{"importId precedes another resource", []change{imported(equal("a")), precededBy("shop/first")}, adopting("a"), nil},
		{"importId, missing", []change{importing("a")}, stalledBy("ImportNotFound"), []string{"a"}},
		{"importId, missing, never a POST though nothing is there", []change{importing("a"), always}, stalledBy("ImportNotFound"), nil},
		{"default credentials of another namespace", []change{fromDefaults, candidates(equal("a"))},
			stalledBy("AlreadyExists"), []string{"deletionPolicy Retain"}},
		{"default credentials of another namespace, importId", []change{fromDefaults, imported(equal("a")), always},
			stalledBy("AlreadyExists"), nil},
		{"default credentials of another namespace, Retain", []change{fromDefaults, retain, candidates(equal("a"))}, adopting("a"), nil},
		{"a missing Secret holds the adoption, which sends secrets", []change{secretMissing, candidates(equal("a"))},
			waitingFor("SecretNotFound"), nil},
	})
}

func TestAdoptedIsMarkedAdopted(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Decide(observing(candidates(equal("a")))).Ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(Decide(observing(imported(equal("a")))).Ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(Decide(observing(claimed(time.Second), candidates(equal("a")))).Ownership).To(Equal(v1alpha1.OwnershipCreated))
}

func TestOwned(t *testing.T) {
	drifted := outcome{act: ActUpdate, target: "a", progress: ProgressReconciling, synced: "False Drifted"}
	told := outcome{target: "a", synced: "False Drifted"}
	calm := outcome{target: "a", synced: "True Synced"}
	checkDecisions(t, []decisionCase{
		{"in line", []change{owning(equal("a"))}, calm, nil},
		{"pending", []change{owning(inState("WORKING", equal("a")))},
			outcome{target: "a", progress: ProgressReconciling, synced: "True Synced"}, nil},
		{"no state yet", []change{owning(inState("", equal("a")))},
			outcome{target: "a", progress: ProgressReconciling, synced: "True Synced"}, nil},
		{"unknown state", []change{owning(inState("RESTING", equal("a")))},
			outcome{target: "a", progress: ProgressReconciling, synced: "True Synced"}, nil},
		{"failed", []change{owning(inState("FAILED", equal("a")))},
			outcome{target: "a", progress: ProgressStalled, synced: "True Synced"}, nil},
		{"being deleted by somebody", []change{owning(inState("DELETING", differing("a")))},
			outcome{target: "a", progress: ProgressReconciling}, nil},
		{"drift, Correct", []change{owning(differing("a"))}, drifted, []string{"dnsDomain"}},
		{"drift, Report", []change{reporting, owning(differing("a"))}, told, []string{"dnsDomain"}},
		{"a new generation is pushed, Report", []change{reporting, withChangedSpec, owning(differing("a"))}, drifted, nil},
		{"a changed Secret is pushed, Report", []change{reporting, withNewSecrets, owning(equal("a"))}, drifted, []string{"Secrets"}},
		{"right after our own write, lists may lag", []change{owning(differing("a")), wroteAgo(time.Second)}, outcome{target: "a"}, nil},
		{"right after our own write, a changed spec is pushed", []change{withChangedSpec, owning(differing("a")), wroteAgo(time.Second)}, drifted, nil},
		{"a PATCH that changed nothing is not repeated", []change{owning(differing("a")), func(o *Observation) { o.Patched = true }}, told, []string{"dnsDomain"}},
		{"what cannot change", []change{owning(different("a"))},
			outcome{target: "a", progress: ProgressStalled, ready: "False RecreateRequired", synced: "False Drifted"},
			[]string{"arn", v1alpha1.AnnotationRecreate + `="a"`}},
		{"what cannot change, Report", []change{reporting, owning(different("a"))},
			outcome{target: "a", progress: ProgressStalled, ready: "False RecreateRequired", synced: "False Drifted"}, nil},
		{"another object has the name", []change{lost("a", absenceUnknown), func(o *Observation) { found := equal("b"); o.NameConflict = &found }},
			stalledBy("Conflict"), []string{"a", "b"}},
		{"another resource owns it as well and is older", []change{owning(ownedBy("shop/older", equal("a")))},
			stalledBy("AlreadyManaged"), []string{"shop/older"}},
		{"a missing Secret leaves a ready object alone", []change{secretMissing, owning(differing("a"))},
			outcome{target: "a", progress: ProgressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
		{"a missing Secret sends nothing to a pending object", []change{secretMissing, owning(inState("WORKING", differing("a")))},
			outcome{target: "a", progress: ProgressReconciling, synced: "False SecretNotFound"}, nil},
		{"what cannot change and has no id of its own offers no recreation", []change{owning(anonymous(different("a")))},
			outcome{target: "a", progress: ProgressStalled, ready: "False RecreateRequired", synced: "False Drifted"}, []string{"Delete this resource"}},
		{"a missing link does not touch what is there", []change{gatedBy("LinkNotReady"), owning(equal("a"))}, calm, nil},
	})
}

func TestUnreadableSecretNeverTakesReadyBack(t *testing.T) {
	d := Decide(observing(secretMissing, owning(equal("a"))))
	NewWithT(t).Expect(d.KeepReady).To(BeTrue())
}

func TestLost(t *testing.T) {
	unseen := waitingFor("Creating")
	told := outcome{ready: "False NotFound", synced: "False Missing"}
	checkDecisions(t, []decisionCase{
		{"not shown yet", []change{lost("a", absenceUnknown)}, unseen, []string{"a"}},
		{"a list alone is a hint", []change{lost("a", AbsenceHinted)}, unseen, nil},
		{"certainly, Correct", []change{lost("a", AbsenceCertain)}, creating(), nil},
		{"certainly, Report", []change{reporting, lost("a", AbsenceCertain)}, told, []string{"Report", "Correct"}},
		{"certainly, Correct, but a missing Secret", []change{secretMissing, lost("a", AbsenceCertain)},
			outcome{progress: ProgressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
		{"certainly, and another like it was made meanwhile", []change{lost("a", AbsenceCertain), candidates(equal("b"))}, adopting("b"), nil},
		{"certainly, and one that differs was made meanwhile", []change{lost("a", AbsenceCertain), candidates(differing("b"))}, stalledBy("Conflict"), nil},
		{"certainly, and several are there", []change{lost("a", AbsenceCertain), candidates(equal("b"), equal("c"))}, stalledBy("Ambiguous"), nil},
		{"certainly, and one of another resource is there", []change{lost("a", AbsenceCertain), candidates(ownedBy("shop/other", equal("b")))},
			stalledBy("AlreadyManaged"), nil},
		{"certainly, and another is being deleted", []change{lost("a", AbsenceCertain), beingDeletedInAtlas(inState("DELETING", equal("b")))}, waitingFor("Deleting"), nil},
	})
}

func TestRecreate(t *testing.T) {
	asked := recreate("a")
	deletes := outcome{act: ActDelete, target: "a", progress: ProgressReconciling, ready: "False Deleting"}
	sent := func(ago time.Duration) change { return func(o *Observation) { o.DeleteSent = noon.Add(-ago) } }
	checkDecisions(t, []decisionCase{
		{"a working object", []change{asked, owning(equal("a"))}, deletes, nil},
		{"a failed object", []change{asked, owning(inState("FAILED", equal("a")))}, deletes, nil},
		{"an adopted object", []change{asked, owning(equal("a")), func(o *Observation) { o.Ownership = v1alpha1.OwnershipAdopted }}, deletes, nil},
		{"an adopted object, default credentials of another namespace", []change{asked, owning(equal("a")), fromDefaults,
			func(o *Observation) { o.Ownership = v1alpha1.OwnershipAdopted }}, stalledBy("AlreadyExists"), []string{"adopted", "credentials of your own"}},
		{"one that cannot change", []change{asked, owning(different("a"))}, deletes, nil},
		{"Report does not keep the user from it", []change{asked, reporting, owning(equal("a"))}, deletes, nil},
		{"a value left from an earlier object", []change{recreate("old"), owning(equal("a"))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"without an id of its own it could not be told from the old one", []change{asked, owning(anonymous(equal("a")))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"the name, which stood for the id until Atlas gave one", []change{recreate("name"), owning(equal("a")), func(o *Observation) { o.ID = "name" }},
			outcome{target: "a", synced: "True Synced"}, nil},
		{"a missing link: nothing is destroyed before its successor can be made", []change{asked, gatedBy("LinkNotReady"), owning(equal("a"))},
			outcome{target: "a", progress: ProgressReconciling, ready: "False LinkNotReady"}, nil},
		{"a missing Secret: nothing is destroyed before its successor can be made", []change{asked, secretMissing, owning(equal("a"))},
			outcome{target: "a", progress: ProgressReconciling, ready: "False SecretNotFound"}, nil},
		{"the DELETE was taken a moment ago", []change{asked, owning(equal("a")), sent(time.Second)}, waitingFor("Deleting"), nil},
		{"being deleted", []change{asked, owning(inState("DELETING", equal("a")))}, waitingFor("Deleting"), nil},
		{"in use", []change{asked, owning(equal("a")), usedBy("shop/orders")}, waitingFor("InUse"), []string{"shop/orders"}},
		{"gone", []change{asked, lost("a", AbsenceCertain)}, creating(), nil},
		{"gone, Report", []change{asked, reporting, lost("a", AbsenceCertain)}, creating(), nil},
		{"not certainly gone", []change{asked, lost("a", AbsenceHinted)}, waitingFor("Creating"), nil},
		{"of what another owns", []change{asked, owning(ownedBy("shop/older", equal("a")))}, stalledBy("AlreadyManaged"), nil},
		{"Observe ignores it", []change{asked, mode(v1alpha1.Observe), owning(equal("a"))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"Paused ignores it", []change{asked, mode(v1alpha1.Paused), owning(equal("a"))}, outcome{synced: "Unknown Paused"}, nil},
	})
}

func TestPaused(t *testing.T) {
	checkDecisions(t, []decisionCase{
		{"never seen", []change{mode(v1alpha1.Paused)}, outcome{synced: "Unknown Paused"}, []string{"Paused"}},
		{"owned", []change{mode(v1alpha1.Paused), owning(differing("a"))}, outcome{synced: "Unknown Paused"}, nil},
		{"open claim", []change{mode(v1alpha1.Paused), claimed(time.Second), candidates(equal("a"))}, outcome{synced: "Unknown Paused"}, nil},
	})
}

func TestPaces(t *testing.T) {
	for name, c := range map[string]struct {
		s    *Observation
		want Pace
	}{
		"ready is looked at slowly":          {observing(owning(equal("a"))), PaceSteady},
		"failed is looked at slowly":         {observing(owning(inState("FAILED", equal("a")))), PaceSteady},
		"pending is looked at fast":          {observing(owning(inState("WORKING", equal("a")))), PacePending},
		"an open claim is looked at fast":    {observing(claimed(time.Second)), PacePending},
		"a creation is looked at fast":       {observing(), PacePending},
		"a gate is watched":                  {observing(gatedBy("LinkNotReady")), PaceSteady},
		"Paused is woken by an edit":         {observing(mode(v1alpha1.Paused)), PaceNever},
		"a conflict is looked at slowly":     {observing(candidates(different("a"))), PaceSteady},
		"a deletion is looked at fast":       {observing(deleting, owning(equal("a"))), PacePending},
		"a link in use is woken by its user": {observing(deleting, owning(equal("a")), usedBy("shop/orders")), PaceSteady},
	} {
		t.Run(name, func(t *testing.T) {
			d := DecideBlind(c.s)
			if d.Act == ActObserve {
				d = Decide(c.s)
			}
			NewWithT(t).Expect(d.Pace).To(Equal(c.want))
		})
	}
}
