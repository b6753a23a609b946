package controller

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// choices make any observation that observe can gather, and some that it should not.
type choices struct{ random.Choices }

func (c *choices) ago(from ...time.Duration) time.Time {
	if d := random.Pick(&c.Choices, from...); d >= 0 {
		return noon.Add(-d)
	}
	return time.Time{}
}

// never stands for a moment that has not been.
const never = time.Duration(-1)

func (c *choices) remoteObject(id string) remoteObject {
	return remoteObject{
		id:          id,
		states:      random.Pick(&c.Choices, linkStates, connectionStates),
		state:       random.Pick(&c.Choices, "DONE", "READY", "", "IDLE", "WORKING", "PENDING", "FAILED", "DELETING", "DELETE_REQUESTED", "DELETED", "NEW_STATE"),
		differences: random.Pick(&c.Choices, nil, []difference{{path: "a"}}, []difference{{path: "b", fixed: true}}, []difference{{path: "a", clear: "x"}, {path: "b", fixed: true}}),
		named:       c.Maybe(),
		owner:       random.Pick(&c.Choices, "", "", "shop/other"),
		doubtful:    c.Of(8) == 1, anonymous: c.Of(8) == 1,
	}
}

func (c *choices) maybeObject(id string) *remoteObject {
	if !c.Maybe() {
		return nil
	}
	v := c.remoteObject(id)
	return &v
}

func (c *choices) views(prefix string) []remoteObject {
	var views []remoteObject
	for i := range c.Of(4) {
		views = append(views, c.remoteObject(fmt.Sprint(prefix, i)))
	}
	return views
}

func (c *choices) obstacle(reason string) *blocker {
	if c.Of(4) != 1 {
		return nil
	}
	return &blocker{effect: missing, reason: reason, message: "waits", watched: c.Maybe(), stalled: c.Maybe()}
}

// observation is any observation that look can gather, and some that it should not.
func (c *choices) situation() *observation {
	o := &observation{
		now: noon, settle: time.Minute, poll: 15 * time.Second, kind: "private link",
		spec: v1alpha1.ManagedSpec{
			ManagementPolicy: random.Pick(&c.Choices, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Observe, v1alpha1.Paused),
			DeletionPolicy:   random.Pick(&c.Choices, v1alpha1.Delete, v1alpha1.Delete, v1alpha1.Retain),
			DriftPolicy:      random.Pick(&c.Choices, v1alpha1.Correct, v1alpha1.Report),
			AdoptionPolicy:   random.Pick(&c.Choices, v1alpha1.AdoptIfMatches, v1alpha1.AdoptAlways, v1alpha1.AdoptNever),
		},
		importID: random.Pick(&c.Choices, "", "", "imported"), fromDefaults: c.Of(4) == 1,
		beingDeleted: c.Of(3) == 1, hasFinalizer: true, abandon: c.Of(8) == 1,
		recreate: random.Pick(&c.Choices, "", "", "mine", "old"),
		claim:    c.ago(never, time.Second, time.Minute, 61*time.Second, time.Hour),
		id:       random.Pick(&c.Choices, "", "mine"), ownership: random.Pick(&c.Choices, "", v1alpha1.OwnershipCreated, v1alpha1.OwnershipAdopted),
		specChanged: c.Maybe(), resendSecrets: c.Maybe(), patched: c.Maybe(),
		listBegun:  c.ago(0, 0, time.Second, time.Hour),
		candidates: c.views("candidate"), deleting: c.views("leaving"),
		absentSince: c.ago(never, 0, 15*time.Second, 59*time.Second, time.Minute, time.Hour),
		preceding:   random.Pick(&c.Choices, "", "", "shop/rival"),
		untried:     random.Pick(&c.Choices, "", "", "shop/older"),
		gate:        c.obstacle("LinkNotReady"), secretGate: c.obstacle("SecretNotFound"),
		users:      random.Pick(&c.Choices, nil, nil, []string{"shop/orders"}),
		deleteSent: c.ago(never, time.Second, time.Hour), lastWrite: c.ago(never, time.Second, time.Hour),
	}
	if o.isOwned() {
		o.owner = random.Pick(&c.Choices, "", "", "", "shop/older")
	}
	if o.ownership != "" {
		o.gone = random.Pick(&c.Choices, absenceUnknown, absenceHinted, absenceCertain)
		if o.owned = c.maybeObject("mine"); o.owned != nil {
			o.gone = absenceUnknown
		} else {
			o.nameConflict = c.maybeObject("impostor")
		}
	}
	if o.importID != "" {
		if o.imported = c.maybeObject("imported"); o.imported == nil {
			o.importMissing = c.Maybe()
		} else if o.imported.doubtful = false; c.Maybe() { // it was named; it may be a candidate as well
			o.candidates = append(o.candidates, *o.imported)
		}
	}
	return o
}

// decideAll decides as a reconciliation does: blind first, and after a look where that is needed.
func decideAll(o *observation) (d decision, looked bool) {
	if d = decideBlind(o); d.act != actObserve {
		return d, false
	}
	return decide(o), true
}

// broken says which promise a decision breaks; nil for none.
func broken(o *observation, d decision, looked bool) error {
	return errors.Join(
		brokenCreation(o, d), brokenFinish(o, d, looked), brokenWrite(o, d), brokenTaking(o, d), brokenWords(d))
}

func brokenCreation(o *observation, d decision) error {
	if d.act != actCreate {
		return nil
	}
	switch {
	case o.isOwned() && (o.owned != nil || o.nameConflict != nil || o.gone != absenceCertain):
		return errors.New("creates although the owned object may be there")
	case o.openClaim() && (!o.now.After(o.claim.Add(o.settle)) || !o.listBegun.After(o.claim.Add(o.settle)) ||
		o.absentSince.IsZero() || o.listBegun.Sub(o.absentSince) < o.settle):
		return errors.New("creates although the claim is not resolved")
	case len(o.candidates) > 0:
		return errors.New("creates beside an object that matches")
	case len(o.deleting) > 0:
		return errors.New("creates beside an object that is being deleted")
	case o.preceding != "":
		return errors.New("creates although another resource takes precedence")
	case o.untried != "":
		return errors.New("creates before an older resource was tried")
	case o.importID != "" && !o.isOwned():
		return errors.New("creates although importId names an object")
	case o.gate != nil || o.secretGate != nil:
		return errors.New("creates through a gate")
	case o.beingDeleted:
		return errors.New("creates while being deleted")
	}
	return nil
}

func brokenFinish(o *observation, d decision, looked bool) error {
	switch {
	case d.act != actFinish:
		return nil
	case !o.beingDeleted:
		return errors.New("finishes what is not being deleted")
	case (o.isOwned() || o.openClaim()) && (d.event == "" || d.note == ""):
		return errors.New("finishes without a word about what may be in Atlas")
	case o.abandon, o.spec.DeletionPolicy == v1alpha1.Retain, o.spec.ManagementPolicy == v1alpha1.Observe:
		return nil
	case o.spec.ManagementPolicy == v1alpha1.Paused:
		return errors.New("finishes while Paused")
	case !o.isOwned() && !o.openClaim():
		return nil
	case !looked:
		return errors.New("finishes without a look")
	case o.openClaim():
		ours, _ := claimedAmong(o)
		if o.gone == absenceCertain && len(ours) == 0 {
			return nil
		}
		if len(ours) > 0 || !claimExpired(o) {
			return errors.New("finishes although the claim is not resolved")
		}
	case o.owner != "", o.fromDefaults && o.ownership == v1alpha1.OwnershipAdopted, o.nameConflict != nil && o.gone == absenceCertain:
		return nil
	case o.deleteSent.IsZero():
		return errors.New("finishes without a DELETE")
	case o.owned != nil || o.gone != absenceCertain:
		return errors.New("finishes although the object may be there")
	}
	return nil
}

func brokenWrite(o *observation, d decision) error {
	writes := d.act == actCreate || d.act == actUpdate || d.act == actDelete || d.act == actAdopt
	switch {
	case writes && o.spec.ManagementPolicy != v1alpha1.Manage:
		return fmt.Errorf("does %v while %s", d.act, o.spec.ManagementPolicy)
	case d.act != actUpdate && d.act != actDelete:
		return nil
	case d.act == actDelete && o.fromDefaults && o.ownership == v1alpha1.OwnershipAdopted:
		return errors.New("deletes what was adopted with the default credentials of another namespace")
	case d.act == actDelete && o.owned == nil && o.beingDeleted && o.isOwned() && d.remove == o.id && o.nameConflict == nil && o.owner == "":
		return nil // what is not to be seen may be there
	case !o.isOwned() || o.owned == nil || d.target == nil || d.target.id != o.id || o.nameConflict != nil || d.act == actDelete && d.remove != o.id:
		return fmt.Errorf("does %v to what is not owned", d.act)
	case o.owner != "":
		return fmt.Errorf("does %v to what belongs to another resource", d.act)
	case d.act == actUpdate && o.secretGate != nil:
		return errors.New("sends a connection without its secrets")
	case d.act == actUpdate && (o.beingDeleted || o.spec.DriftPolicy == v1alpha1.Report && !o.specChanged && !o.resendSecrets):
		return errors.New("changes what it may only report")
	case d.act == actDelete && !o.beingDeleted && o.recreate != o.id:
		return errors.New("deletes unasked")
	case d.act == actDelete && !o.beingDeleted && o.owned.anonymous:
		return errors.New("replaces what cannot be told from its successor")
	case d.act == actDelete && len(o.users) > 0:
		return errors.New("deletes what is in use")
	}
	return nil
}

func brokenTaking(o *observation, d decision) error {
	switch {
	case d.act != actAdopt:
		return nil
	case d.target == nil || d.ownership == "":
		return errors.New("takes nothing, or as nobody's")
	case d.target.owner != "":
		return errors.New("takes what belongs to another resource")
	case d.target.doubtful:
		return errors.New("takes what may be somebody else's")
	case d.ownership == v1alpha1.OwnershipCreated && !o.openClaim():
		return errors.New("says that it made what it did not ask for")
	case d.ownership == v1alpha1.OwnershipAdopted && o.beingDeleted:
		return errors.New("adopts while being deleted")
	case d.ownership == v1alpha1.OwnershipAdopted && o.fromDefaults && o.spec.DeletionPolicy != v1alpha1.Retain:
		return errors.New("adopts with borrowed credentials, to delete it one day")
	case d.ownership == v1alpha1.OwnershipAdopted && o.importID == "" && o.spec.AdoptionPolicy == v1alpha1.AdoptNever:
		return errors.New("adopts although the policy is Never")
	case d.ownership == v1alpha1.OwnershipAdopted && !d.target.equal() && o.spec.AdoptionPolicy != v1alpha1.AdoptAlways:
		return errors.New("adopts what differs")
	case o.isOwned() && o.gone != absenceCertain:
		return errors.New("takes another object while its own may be there")
	}
	return nil
}

func brokenWords(d decision) error {
	switch {
	case d.act == actAdopt || d.act == actFinish || d.progress == progressSteady:
		return nil
	case d.target == nil && (d.ready == nil || d.ready.message == "" || d.ready.reason == ""):
		return errors.New("waits or is stalled without a word")
	case d.ready != nil && d.ready.message == "", d.synced != nil && d.synced.message == "":
		return errors.New("says a condition without a message")
	}
	return nil
}

func checkChoices(t *testing.T, data []byte) {
	t.Helper()
	o := (&choices{random.Choices{Bytes: data}}).situation()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic %v in %+v", r, o)
		}
	}()
	before := ""
	if len(data) > 0 && data[0]%16 == 0 { // printing would take most of the time
		before = fmt.Sprintf("%+v", o)
	}
	d, looked := decideAll(o)
	if err := broken(o, d, looked); err != nil {
		t.Errorf("%v (%s)\nsituation %+v\ncandidates %+v\nmine %+v\nbytes %x", err, allMessages(d), o, o.candidates, o.owned, data)
	}
	if before != "" && fmt.Sprintf("%+v", o) != before {
		t.Errorf("the decision changed its situation from %s to %+v", before, o)
	}
	if again, _ := decideAll(o); outcomeOf(again) != outcomeOf(d) || allMessages(again) != allMessages(d) {
		t.Errorf("the same situation leads to another decision: %+v and %+v", d, again)
	}
}

func TestDecisionsKeepTheirPromises(t *testing.T) {
	seed := random.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	acts := map[action]int{}
	for range 20_000 {
		data := make([]byte, 0, 96)
		for range 12 {
			data = binary.LittleEndian.AppendUint64(data, random.Uint64())
		}
		checkChoices(t, data)
		if t.Failed() {
			return
		}
		d, _ := decideAll((&choices{random.Choices{Bytes: data}}).situation())
		acts[d.act]++
	}
	for _, act := range []action{actNothing, actCreate, actAdopt, actUpdate, actDelete, actFinish} {
		if acts[act] == 0 {
			t.Errorf("no situation led to %v: the generator misses what is to be tested", act)
		}
	}
}

func FuzzDecide(f *testing.F) {
	f.Add([]byte{})
	random := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		data := make([]byte, 96)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(checkChoices)
}
