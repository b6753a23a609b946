package controller

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// noon is when every decision of these tests is made.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

type change func(o *observation)

// situate is a managed link that was just looked for, with the default policies and nothing in Atlas.
func situate(changes ...change) *observation {
	o := &observation{
		now: noon, settle: time.Minute, poll: 15 * time.Second,
		kind: "private link", hasFinalizer: true, listBegun: noon,
		spec: v1alpha1.ManagedSpec{
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
	act           action
	target        string
	progress      progress
	ready, synced string
}

func outcomeOf(d decision) outcome {
	o := outcome{act: d.act, progress: d.progress, ready: short(d.ready), synced: short(d.synced)}
	if d.target != nil {
		o.target = d.target.id
	}
	return o
}

func short(s *condition) string {
	if s == nil {
		return ""
	}
	return s.status + " " + s.reason
}

func stalledBy(reason string) outcome {
	return outcome{progress: progressStalled, ready: "False " + reason, synced: "False " + reason}
}

func waitingFor(reason string) outcome {
	return outcome{progress: progressReconciling, ready: "False " + reason}
}

func taking(id string) outcome {
	return outcome{act: actAdopt, target: id, progress: progressReconciling}
}

func creating() outcome {
	return outcome{act: actCreate, progress: progressReconciling, ready: "False Creating", synced: "False Missing"}
}

// saysAll is every text of a decision.
func allMessages(d decision) string {
	text := d.note
	for _, s := range []*condition{d.ready, d.synced} {
		if s != nil {
			text += " " + s.message
		}
	}
	return text
}

// equal, mendable and different are objects of Atlas that agree with the spec, that a PATCH can bring in line, and that
// only a new one can.
func equal(id string) remoteObject { return remoteObject{id: id, states: linkStates, state: "DONE"} }

func mendable(id string) remoteObject {
	return remoteObject{id: id, states: linkStates, state: "DONE", differences: []difference{{path: "dnsDomain"}}}
}

func different(id string) remoteObject {
	return remoteObject{id: id, states: linkStates, state: "DONE", differences: []difference{{path: "arn", fixed: true}, {path: "dnsDomain"}}}
}

func inState(state string, v remoteObject) remoteObject { v.state = state; return v }
func namedObject(v remoteObject) remoteObject           { v.named = true; return v }
func anonymous(v remoteObject) remoteObject             { v.anonymous = true; return v }
func doubtful(v remoteObject) remoteObject              { v.doubtful = true; return v }
func ownedBy(owner string, v remoteObject) remoteObject { v.owner = owner; return v }

func candidates(views ...remoteObject) change { return func(o *observation) { o.candidates = views } }
func leaving(views ...remoteObject) change    { return func(o *observation) { o.deleting = views } }
func imported(v remoteObject) change {
	return func(o *observation) { o.importID, o.imported = v.id, &v }
}

func importing(id string) change {
	return func(o *observation) { o.importID, o.importMissing = id, true }
}

func owning(v remoteObject) change {
	return func(o *observation) {
		o.id, o.ownership, o.claim = v.id, v1alpha1.OwnershipCreated, noon.Add(-time.Hour)
		o.owned, o.owner = &v, v.owner
	}
}

// lost is a resource whose object is not seen any more.
func lost(id string, sure absence) change {
	return func(o *observation) {
		o.id, o.ownership, o.gone, o.claim = id, v1alpha1.OwnershipCreated, sure, noon.Add(-time.Hour)
	}
}

func claimed(ago time.Duration) change { return func(o *observation) { o.claim = noon.Add(-ago) } }

// absentFor: the first list that did not show the claimed object began so long before the last one.
func absentFor(d time.Duration) change {
	return func(o *observation) { o.absentSince = o.listBegun.Add(-d) }
}

func adoption(p v1alpha1.AdoptionPolicy) change {
	return func(o *observation) { o.spec.AdoptionPolicy = p }
}
func mode(p v1alpha1.ManagementPolicy) change {
	return func(o *observation) { o.spec.ManagementPolicy = p }
}
func retain(o *observation)    { o.spec.DeletionPolicy = v1alpha1.Retain }
func reporting(o *observation) { o.spec.DriftPolicy = v1alpha1.Report }
func wishing(o *observation)   { o.specChanged = true }
func resending(o *observation) { o.resendSecrets = true }
func borrowing(o *observation) { o.fromDefaults = true }
func deleting(o *observation)  { o.beingDeleted = true }
func recreate(id string) change {
	return func(o *observation) { o.recreate = id }
}
func usedBy(names ...string) change { return func(o *observation) { o.users = names } }
func untried(by string) change      { return func(o *observation) { o.untried = by } }
func rivalled(by string) change     { return func(o *observation) { o.preceding = by } }
func gatedBy(reason string) change {
	return func(o *observation) {
		o.gate = &blocker{effect: missing, reason: reason, message: "wait for it", watched: true}
	}
}
func secretMissing(o *observation) {
	o.secretGate = &blocker{effect: missing, reason: v1alpha1.ReasonSecretNotFound, message: "Secret a/b does not exist", watched: true}
}
func wroteAgo(d time.Duration) change { return func(o *observation) { o.lastWrite = noon.Add(-d) } }

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
			o := situate(c.when...)
			d := decideBlind(o)
			if d.act == actObserve {
				d = decide(o)
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
		{"one that is being deleted is waited for", []change{leaving(inState("DELETING", equal("a")))},
			waitingFor("Deleting"), []string{"a"}},
		{"another resource takes precedence", []change{rivalled("shop/first")}, stalledBy("AlreadyManaged"), []string{"shop/first"}},
		{"another resource takes precedence even where a candidate is", []change{rivalled("shop/first"), candidates(equal("a"))},
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
			outcome{progress: progressReconciling, ready: "False LinkNotReady", synced: "False Missing"}, []string{"wait for it"}},
		{"a missing Secret holds a creation", []change{secretMissing},
			outcome{progress: progressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
	})
}

func TestAdoption(t *testing.T) {
	always, never := adoption(v1alpha1.AdoptAlways), adoption(v1alpha1.AdoptNever)
	checkDecisions(t, []decisionCase{
		{"IfMatches, equal", []change{candidates(equal("a"))}, taking("a"), nil},
		{"IfMatches, can change", []change{candidates(mendable("a"))}, stalledBy("Conflict"), []string{"dnsDomain", "Always"}},
		{"IfMatches, cannot change", []change{candidates(different("a"))}, stalledBy("Conflict"), []string{"arn, dnsDomain"}},
		{"Always, equal", []change{always, candidates(equal("a"))}, taking("a"), nil},
		{"Always, can change", []change{always, candidates(mendable("a"))}, taking("a"), nil},
		{"Always, cannot change", []change{always, candidates(different("a"))}, taking("a"), nil},
		{"Never, equal", []change{never, candidates(equal("a"))}, stalledBy("AlreadyExists"), []string{"Never"}},
		{"Never, can change", []change{never, candidates(mendable("a"))}, stalledBy("AlreadyExists"), nil},
		{"Never, cannot change", []change{never, candidates(different("a"))}, stalledBy("AlreadyExists"), nil},
		{"importId, equal", []change{imported(equal("a"))}, taking("a"), nil},
		{"importId among several", []change{imported(equal("a")), candidates(equal("a"), equal("b"))}, taking("a"), nil},
		{"importId, differs", []change{imported(mendable("a"))}, stalledBy("Conflict"), nil},
		{"importId, Always, differs", []change{always, imported(mendable("a"))}, taking("a"), nil},
		{"importId, Never, equal", []change{never, imported(equal("a"))}, taking("a"), nil},
		{"importId, Never, differs", []change{never, imported(mendable("a"))}, stalledBy("Conflict"), nil},
		{"importId, of another", []change{imported(ownedBy("shop/other", equal("a")))}, stalledBy("AlreadyManaged"), nil},
		{"importId, Always, differs in what cannot change", []change{always, imported(different("a"))}, taking("a"), nil},
		{"importId, being deleted", []change{imported(inState("DELETING", equal("a")))}, waitingFor("Deleting"), []string{"a"}},
		{"importId, not looked for yet", []change{func(o *observation) { o.importID = "a" }}, waitingFor("ImportNotFound"), []string{"a"}},
		{"importId goes before a rival", []change{imported(equal("a")), rivalled("shop/first")}, taking("a"), nil},
		{"importId, missing", []change{importing("a")}, stalledBy("ImportNotFound"), []string{"a"}},
		{"importId, missing, never a POST though nothing is there", []change{importing("a"), always}, stalledBy("ImportNotFound"), nil},
		{"default credentials of another namespace", []change{borrowing, candidates(equal("a"))},
			stalledBy("AlreadyExists"), []string{"deletionPolicy Retain"}},
		{"default credentials of another namespace, importId", []change{borrowing, imported(equal("a")), always},
			stalledBy("AlreadyExists"), nil},
		{"default credentials of another namespace, Retain", []change{borrowing, retain, candidates(equal("a"))}, taking("a"), nil},
		{"a missing Secret holds the adoption, which sends secrets", []change{secretMissing, candidates(equal("a"))},
			waitingFor("SecretNotFound"), nil},
	})
}

func TestAdoptedIsMarkedAdopted(t *testing.T) {
	g := NewWithT(t)
	g.Expect(decide(situate(candidates(equal("a")))).ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(decide(situate(imported(equal("a")))).ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(decide(situate(claimed(time.Second), candidates(equal("a")))).ownership).To(Equal(v1alpha1.OwnershipCreated))
}

func TestOwned(t *testing.T) {
	drifted := outcome{act: actUpdate, target: "a", progress: progressReconciling, synced: "False Drifted"}
	told := outcome{target: "a", synced: "False Drifted"}
	calm := outcome{target: "a", synced: "True Synced"}
	checkDecisions(t, []decisionCase{
		{"in line", []change{owning(equal("a"))}, calm, nil},
		{"pending", []change{owning(inState("WORKING", equal("a")))},
			outcome{target: "a", progress: progressReconciling, synced: "True Synced"}, nil},
		{"no state yet", []change{owning(inState("", equal("a")))},
			outcome{target: "a", progress: progressReconciling, synced: "True Synced"}, nil},
		{"unknown state", []change{owning(inState("RESTING", equal("a")))},
			outcome{target: "a", progress: progressReconciling, synced: "True Synced"}, nil},
		{"failed", []change{owning(inState("FAILED", equal("a")))},
			outcome{target: "a", progress: progressStalled, synced: "True Synced"}, nil},
		{"being deleted by somebody", []change{owning(inState("DELETING", mendable("a")))},
			outcome{target: "a", progress: progressReconciling}, nil},
		{"drift, Correct", []change{owning(mendable("a"))}, drifted, []string{"dnsDomain"}},
		{"drift, Report", []change{reporting, owning(mendable("a"))}, told, []string{"dnsDomain"}},
		{"a new generation is pushed, Report", []change{reporting, wishing, owning(mendable("a"))}, drifted, nil},
		{"a changed Secret is pushed, Report", []change{reporting, resending, owning(equal("a"))}, drifted, []string{"Secrets"}},
		{"right after our own write, lists may lag", []change{owning(mendable("a")), wroteAgo(time.Second)}, outcome{target: "a"}, nil},
		{"right after our own write, a wish is pushed", []change{wishing, owning(mendable("a")), wroteAgo(time.Second)}, drifted, nil},
		{"a PATCH that changed nothing is not repeated", []change{owning(mendable("a")), func(o *observation) { o.patched = true }}, told, []string{"dnsDomain"}},
		{"what cannot change", []change{owning(different("a"))},
			outcome{target: "a", progress: progressStalled, ready: "False RecreateRequired", synced: "False Drifted"},
			[]string{"arn", v1alpha1.AnnotationRecreate + `="a"`}},
		{"what cannot change, Report", []change{reporting, owning(different("a"))},
			outcome{target: "a", progress: progressStalled, ready: "False RecreateRequired", synced: "False Drifted"}, nil},
		{"an impostor has the name", []change{lost("a", absenceUnknown), func(o *observation) { v := equal("b"); o.nameConflict = &v }},
			stalledBy("Conflict"), []string{"a", "b"}},
		{"another resource owns it as well and is older", []change{owning(ownedBy("shop/older", equal("a")))},
			stalledBy("AlreadyManaged"), []string{"shop/older"}},
		{"a missing Secret leaves a ready object alone", []change{secretMissing, owning(mendable("a"))},
			outcome{target: "a", progress: progressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
		{"a missing Secret sends nothing to a pending object", []change{secretMissing, owning(inState("WORKING", mendable("a")))},
			outcome{target: "a", progress: progressReconciling, synced: "False SecretNotFound"}, nil},
		{"what cannot change and has no id of its own offers no recreation", []change{owning(anonymous(different("a")))},
			outcome{target: "a", progress: progressStalled, ready: "False RecreateRequired", synced: "False Drifted"}, []string{"Delete this resource"}},
		{"a missing link does not touch what is there", []change{gatedBy("LinkNotReady"), owning(equal("a"))}, calm, nil},
	})
}

func TestUnreadableSecretNeverTakesReadyBack(t *testing.T) {
	d := decide(situate(secretMissing, owning(equal("a"))))
	NewWithT(t).Expect(d.keepReady).To(BeTrue())
}

func TestLost(t *testing.T) {
	unseen := waitingFor("Creating")
	told := outcome{ready: "False NotFound", synced: "False Missing"}
	checkDecisions(t, []decisionCase{
		{"not shown yet", []change{lost("a", absenceUnknown)}, unseen, []string{"a"}},
		{"a list alone is a hint", []change{lost("a", absenceHinted)}, unseen, nil},
		{"certainly, Correct", []change{lost("a", absenceCertain)}, creating(), nil},
		{"certainly, Report", []change{reporting, lost("a", absenceCertain)}, told, []string{"Report", "Correct"}},
		{"certainly, Correct, but a missing Secret", []change{secretMissing, lost("a", absenceCertain)},
			outcome{progress: progressReconciling, ready: "False SecretNotFound", synced: "False SecretNotFound"}, nil},
		{"certainly, and another like it was made meanwhile", []change{lost("a", absenceCertain), candidates(equal("b"))}, taking("b"), nil},
		{"certainly, and one that differs was made meanwhile", []change{lost("a", absenceCertain), candidates(mendable("b"))}, stalledBy("Conflict"), nil},
		{"certainly, and several are there", []change{lost("a", absenceCertain), candidates(equal("b"), equal("c"))}, stalledBy("Ambiguous"), nil},
		{"certainly, and one of another resource is there", []change{lost("a", absenceCertain), candidates(ownedBy("shop/other", equal("b")))},
			stalledBy("AlreadyManaged"), nil},
		{"certainly, and another is being deleted", []change{lost("a", absenceCertain), leaving(inState("DELETING", equal("b")))}, waitingFor("Deleting"), nil},
	})
}

func TestRecreate(t *testing.T) {
	asked := recreate("a")
	deletes := outcome{act: actDelete, target: "a", progress: progressReconciling, ready: "False Deleting"}
	sent := func(ago time.Duration) change { return func(o *observation) { o.deleteSent = noon.Add(-ago) } }
	checkDecisions(t, []decisionCase{
		{"a working object", []change{asked, owning(equal("a"))}, deletes, nil},
		{"a failed object", []change{asked, owning(inState("FAILED", equal("a")))}, deletes, nil},
		{"an adopted object", []change{asked, owning(equal("a")), func(o *observation) { o.ownership = v1alpha1.OwnershipAdopted }}, deletes, nil},
		{"an adopted object, default credentials of another namespace", []change{asked, owning(equal("a")), borrowing,
			func(o *observation) { o.ownership = v1alpha1.OwnershipAdopted }}, stalledBy("AlreadyExists"), []string{"adopted", "credentials of your own"}},
		{"one that cannot change", []change{asked, owning(different("a"))}, deletes, nil},
		{"Report does not keep the user from it", []change{asked, reporting, owning(equal("a"))}, deletes, nil},
		{"a value left from an earlier object", []change{recreate("old"), owning(equal("a"))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"without an id of its own it could not be told from the old one", []change{asked, owning(anonymous(equal("a")))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"the name, which stood for the id until Atlas gave one", []change{recreate("name"), owning(equal("a")), func(o *observation) { o.id = "name" }},
			outcome{target: "a", synced: "True Synced"}, nil},
		{"a missing link: nothing is destroyed before its successor can be made", []change{asked, gatedBy("LinkNotReady"), owning(equal("a"))},
			outcome{target: "a", progress: progressReconciling, ready: "False LinkNotReady"}, nil},
		{"a missing Secret: nothing is destroyed before its successor can be made", []change{asked, secretMissing, owning(equal("a"))},
			outcome{target: "a", progress: progressReconciling, ready: "False SecretNotFound"}, nil},
		{"the DELETE was taken a moment ago", []change{asked, owning(equal("a")), sent(time.Second)}, waitingFor("Deleting"), nil},
		{"being deleted", []change{asked, owning(inState("DELETING", equal("a")))}, waitingFor("Deleting"), nil},
		{"in use", []change{asked, owning(equal("a")), usedBy("shop/orders")}, waitingFor("InUse"), []string{"shop/orders"}},
		{"gone", []change{asked, lost("a", absenceCertain)}, creating(), nil},
		{"gone, Report", []change{asked, reporting, lost("a", absenceCertain)}, creating(), nil},
		{"not certainly gone", []change{asked, lost("a", absenceHinted)}, waitingFor("Creating"), nil},
		{"of what another owns", []change{asked, owning(ownedBy("shop/older", equal("a")))}, stalledBy("AlreadyManaged"), nil},
		{"Observe ignores it", []change{asked, mode(v1alpha1.Observe), owning(equal("a"))}, outcome{target: "a", synced: "True Synced"}, nil},
		{"Paused ignores it", []change{asked, mode(v1alpha1.Paused), owning(equal("a"))}, outcome{synced: "Unknown Paused"}, nil},
	})
}

func TestPaused(t *testing.T) {
	checkDecisions(t, []decisionCase{
		{"never seen", []change{mode(v1alpha1.Paused)}, outcome{synced: "Unknown Paused"}, []string{"Paused"}},
		{"owned", []change{mode(v1alpha1.Paused), owning(mendable("a"))}, outcome{synced: "Unknown Paused"}, nil},
		{"open claim", []change{mode(v1alpha1.Paused), claimed(time.Second), candidates(equal("a"))}, outcome{synced: "Unknown Paused"}, nil},
	})
}

func TestPaces(t *testing.T) {
	for name, c := range map[string]struct {
		s    *observation
		want pace
	}{
		"ready is looked at slowly":          {situate(owning(equal("a"))), paceSteady},
		"failed is looked at slowly":         {situate(owning(inState("FAILED", equal("a")))), paceSteady},
		"pending is looked at fast":          {situate(owning(inState("WORKING", equal("a")))), pacePending},
		"an open claim is looked at fast":    {situate(claimed(time.Second)), pacePending},
		"a creation is looked at fast":       {situate(), pacePending},
		"a gate is watched":                  {situate(gatedBy("LinkNotReady")), paceSteady},
		"Paused is woken by an edit":         {situate(mode(v1alpha1.Paused)), paceNever},
		"a conflict is looked at slowly":     {situate(candidates(different("a"))), paceSteady},
		"a deletion is looked at fast":       {situate(deleting, owning(equal("a"))), pacePending},
		"a link in use is woken by its user": {situate(deleting, owning(equal("a")), usedBy("shop/orders")), paceSteady},
	} {
		t.Run(name, func(t *testing.T) {
			d := decideBlind(c.s)
			if d.act == actObserve {
				d = decide(c.s)
			}
			NewWithT(t).Expect(d.pace).To(Equal(c.want))
		})
	}
}
