package decision

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

// Choices make any observation that observe can gather, and some that it should not.
type choices struct{ random.Choices }

func (c *choices) ago(from ...time.Duration) time.Time {
	if d := random.Pick(&c.Choices, from...); d >= 0 {
		return noon.Add(-d)
	}
	return time.Time{}
}

// never stands for a moment that has not been.
const never = time.Duration(-1)

func (c *choices) remoteObject(id string) RemoteObject {
	return RemoteObject{
		ID:          id,
		States:      random.Pick(&c.Choices, linkStates, connectionStates),
		State:       random.Pick(&c.Choices, "DONE", "READY", "", "IDLE", "WORKING", "PENDING", "FAILED", "DELETING", "DELETE_REQUESTED", "DELETED", "NEW_STATE"),
		Differences: random.Pick(&c.Choices, nil, []Difference{{Path: "a"}}, []Difference{{Path: "b", Fixed: true}}, []Difference{{Path: "a", Clear: "x"}, {Path: "b", Fixed: true}}),
		Named:       c.Maybe(),
		Owner:       random.Pick(&c.Choices, "", "", "shop/other"),
		Doubtful:    c.Of(8) == 1, Anonymous: c.Of(8) == 1,
	}
}

func (c *choices) maybeObject(id string) *RemoteObject {
	if !c.Maybe() {
		return nil
	}
	found := c.remoteObject(id)
	return &found
}

func (c *choices) views(prefix string) []RemoteObject {
	var views []RemoteObject
	for i := range c.Of(4) {
		views = append(views, c.remoteObject(fmt.Sprint(prefix, i)))
	}
	return views
}

func (c *choices) blocker(reason string) *Blocker {
	if c.Of(4) != 1 {
		return nil
	}
	return &Blocker{Effect: Missing, Reason: reason, Message: "waits", Watched: c.Maybe(), Stalled: c.Maybe()}
}

// Observation is any observation that look can gather, and some that it should not.
func (c *choices) observation() *Observation {
	o := &Observation{
		Now: noon, Settle: time.Minute, Poll: 15 * time.Second, Kind: "private link",
		Spec: v1alpha1.ManagedSpec{
			ManagementPolicy: random.Pick(&c.Choices, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Observe, v1alpha1.Paused),
			DeletionPolicy:   random.Pick(&c.Choices, v1alpha1.Delete, v1alpha1.Delete, v1alpha1.Retain),
			DriftPolicy:      random.Pick(&c.Choices, v1alpha1.Correct, v1alpha1.Report),
			AdoptionPolicy:   random.Pick(&c.Choices, v1alpha1.AdoptIfMatches, v1alpha1.AdoptAlways, v1alpha1.AdoptNever),
		},
		ImportID: random.Pick(&c.Choices, "", "", "imported"), FromDefaults: c.Of(4) == 1,
		BeingDeleted: c.Of(3) == 1, HasFinalizer: true, Abandon: c.Of(8) == 1,
		Recreate: random.Pick(&c.Choices, "", "", "mine", "old"),
		Claim:    c.ago(never, time.Second, time.Minute, 61*time.Second, time.Hour),
		ID:       random.Pick(&c.Choices, "", "mine"), Ownership: random.Pick(&c.Choices, "", v1alpha1.OwnershipCreated, v1alpha1.OwnershipAdopted),
		SpecChanged: c.Maybe(), ResendSecrets: c.Maybe(), Patched: c.Maybe(),
		ListBegun:  c.ago(0, 0, time.Second, time.Hour),
		Candidates: c.views("candidate"), Deleting: c.views("leaving"),
		AbsentSince: c.ago(never, 0, 15*time.Second, 59*time.Second, time.Minute, time.Hour),
		Preceding:   random.Pick(&c.Choices, "", "", "shop/preceding"),
		Untried:     random.Pick(&c.Choices, "", "", "shop/older"),
		Gate:        c.blocker("LinkNotReady"), SecretGate: c.blocker("SecretNotFound"),
		Users:      random.Pick(&c.Choices, nil, nil, []string{"shop/orders"}),
		DeleteSent: c.ago(never, time.Second, time.Hour), LastWrite: c.ago(never, time.Second, time.Hour),
	}
	if o.IsOwned() {
		o.Owner = random.Pick(&c.Choices, "", "", "", "shop/older")
	}
	if o.Ownership != "" {
		o.Gone = random.Pick(&c.Choices, absenceUnknown, AbsenceHinted, AbsenceCertain)
		if o.Owned = c.maybeObject("mine"); o.Owned != nil {
			o.Gone = absenceUnknown
		} else {
			o.NameConflict = c.maybeObject("conflict")
		}
	}
	if o.ImportID != "" {
		if o.Imported = c.maybeObject("imported"); o.Imported == nil {
			o.ImportMissing = c.Maybe()
		} else if o.Imported.Doubtful = false; c.Maybe() { // it was named; it may be a candidate as well
			o.Candidates = append(o.Candidates, *o.Imported)
		}
	}
	return o
}

// decideAll decides as a reconciliation does: blind first, and after a look where that is needed.
func decideAll(o *Observation) (d Decision, looked bool) {
	if d = DecideBlind(o); d.Act != ActObserve {
		return d, false
	}
	return Decide(o), true
}

// violation is the promise that a decision breaks; nil for none.
func violation(o *Observation, d Decision, looked bool) error {
	return errors.Join(
		brokenCreation(o, d), brokenFinish(o, d, looked), brokenWrite(o, d), brokenTaking(o, d), brokenWords(d))
}

func brokenCreation(o *Observation, d Decision) error {
	if d.Act != ActCreate {
		return nil
	}
	switch {
	case o.IsOwned() && (o.Owned != nil || o.NameConflict != nil || o.Gone != AbsenceCertain):
		return errors.New("creates although the owned object may be there")
	case o.OpenClaim() && (!o.Now.After(o.Claim.Add(o.Settle)) || !o.ListBegun.After(o.Claim.Add(o.Settle)) ||
		o.AbsentSince.IsZero() || o.ListBegun.Sub(o.AbsentSince) < o.Settle):
		return errors.New("creates although the claim is not resolved")
	case len(o.Candidates) > 0:
		return errors.New("creates beside an object that matches")
	case len(o.Deleting) > 0:
		return errors.New("creates beside an object that is being deleted")
	case o.Preceding != "":
		return errors.New("creates although another resource takes precedence")
	case o.Untried != "":
		return errors.New("creates before an older resource was tried")
	case o.ImportID != "" && !o.IsOwned():
		return errors.New("creates although importId names an object")
	case o.Gate != nil || o.SecretGate != nil:
		return errors.New("creates through a gate")
	case o.BeingDeleted:
		return errors.New("creates while being deleted")
	}
	return nil
}

func brokenFinish(o *Observation, d Decision, looked bool) error {
	switch {
	case d.Act != ActFinish:
		return nil
	case !o.BeingDeleted:
		return errors.New("finishes what is not being deleted")
	case (o.IsOwned() || o.OpenClaim()) && (d.Event == "" || d.Note == ""):
		return errors.New("finishes without a word about what may be in Atlas")
	case o.Abandon, o.Spec.DeletionPolicy == v1alpha1.Retain, o.Spec.ManagementPolicy == v1alpha1.Observe:
		return nil
	case o.Spec.ManagementPolicy == v1alpha1.Paused:
		return errors.New("finishes while Paused")
	case !o.IsOwned() && !o.OpenClaim():
		return nil
	case !looked:
		return errors.New("finishes without a look")
	case o.OpenClaim():
		ours, _ := ClaimedAmong(o)
		if o.Gone == AbsenceCertain && len(ours) == 0 {
			return nil
		}
		if len(ours) > 0 || !claimExpired(o) {
			return errors.New("finishes although the claim is not resolved")
		}
	case o.Owner != "", o.FromDefaults && o.Ownership == v1alpha1.OwnershipAdopted, o.NameConflict != nil && o.Gone == AbsenceCertain:
		return nil
	case o.DeleteSent.IsZero():
		return errors.New("finishes without a DELETE")
	case o.Owned != nil || o.Gone != AbsenceCertain:
		return errors.New("finishes although the object may be there")
	}
	return nil
}

func brokenWrite(o *Observation, d Decision) error {
	writes := d.Act == ActCreate || d.Act == ActUpdate || d.Act == ActDelete || d.Act == ActAdopt
	switch {
	case writes && o.Spec.ManagementPolicy != v1alpha1.Manage:
		return fmt.Errorf("does %v while %s", d.Act, o.Spec.ManagementPolicy)
	case d.Act != ActUpdate && d.Act != ActDelete:
		return nil
	case d.Act == ActDelete && o.FromDefaults && o.Ownership == v1alpha1.OwnershipAdopted:
		return errors.New("deletes what was adopted with the default credentials of another namespace")
	case d.Act == ActDelete && o.Owned == nil && o.BeingDeleted && o.IsOwned() && d.Remove == o.ID && o.NameConflict == nil && o.Owner == "":
		return nil // what is not to be seen may be there
	case !o.IsOwned() || o.Owned == nil || d.Target == nil || d.Target.ID != o.ID || o.NameConflict != nil || d.Act == ActDelete && d.Remove != o.ID:
		return fmt.Errorf("does %v to what is not owned", d.Act)
	case o.Owner != "":
		return fmt.Errorf("does %v to what belongs to another resource", d.Act)
	case d.Act == ActUpdate && o.SecretGate != nil:
		return errors.New("sends a connection without its secrets")
	case d.Act == ActUpdate && (o.BeingDeleted || o.Spec.DriftPolicy == v1alpha1.Report && !o.SpecChanged && !o.ResendSecrets):
		return errors.New("changes what it may only report")
	case d.Act == ActDelete && !o.BeingDeleted && o.Recreate != o.ID:
		return errors.New("deletes unasked")
	case d.Act == ActDelete && !o.BeingDeleted && o.Owned.Anonymous:
		return errors.New("replaces what cannot be told from its successor")
	case d.Act == ActDelete && len(o.Users) > 0:
		return errors.New("deletes what is in use")
	}
	return nil
}

func brokenTaking(o *Observation, d Decision) error {
	switch {
	case d.Act != ActAdopt:
		return nil
	case d.Target == nil || d.Ownership == "":
		return errors.New("takes nothing, or as nobody's")
	case d.Target.Owner != "":
		return errors.New("takes what belongs to another resource")
	case d.Target.Doubtful:
		return errors.New("takes what may be somebody else's")
	case d.Ownership == v1alpha1.OwnershipCreated && !o.OpenClaim():
		return errors.New("says that it made what it did not ask for")
	case d.Ownership == v1alpha1.OwnershipAdopted && o.BeingDeleted:
		return errors.New("adopts while being deleted")
	case d.Ownership == v1alpha1.OwnershipAdopted && o.FromDefaults && o.Spec.DeletionPolicy != v1alpha1.Retain:
		return errors.New("adopts with default credentials, to delete it one day")
	case d.Ownership == v1alpha1.OwnershipAdopted && o.ImportID == "" && o.Spec.AdoptionPolicy == v1alpha1.AdoptNever:
		return errors.New("adopts although the policy is Never")
	case d.Ownership == v1alpha1.OwnershipAdopted && !d.Target.Equal() && o.Spec.AdoptionPolicy != v1alpha1.AdoptAlways:
		return errors.New("adopts what differs")
	case o.IsOwned() && o.Gone != AbsenceCertain:
		return errors.New("takes another object while its own may be there")
	}
	return nil
}

func brokenWords(d Decision) error {
	switch {
	case d.Act == ActAdopt || d.Act == ActFinish || d.Progress == ProgressSteady:
		return nil
	case d.Target == nil && (d.Ready == nil || d.Ready.Message == "" || d.Ready.Reason == ""):
		return errors.New("waits or is stalled without a word")
	case d.Ready != nil && d.Ready.Message == "", d.Synced != nil && d.Synced.Message == "":
		return errors.New("says a condition without a message")
	}
	return nil
}

func checkChoices(t *testing.T, data []byte) {
	t.Helper()
	o := (&choices{random.Choices{Bytes: data}}).observation()
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
	if err := violation(o, d, looked); err != nil {
		t.Errorf("%v (%s)\nsituation %+v\ncandidates %+v\nmine %+v\nbytes %x", err, allMessages(d), o, o.Candidates, o.Owned, data)
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
	dice := rand.New(rand.NewPCG(seed, 0))
	acts := map[Action]int{}
	for range 20_000 {
		data := make([]byte, 0, 96)
		for range 12 {
			data = binary.LittleEndian.AppendUint64(data, dice.Uint64())
		}
		checkChoices(t, data)
		if t.Failed() {
			return
		}
		d, _ := decideAll((&choices{random.Choices{Bytes: data}}).observation())
		acts[d.Act]++
	}
	for _, act := range []Action{ActNothing, ActCreate, ActAdopt, ActUpdate, ActDelete, ActFinish} {
		if acts[act] == 0 {
			t.Errorf("no situation led to %v: the generator misses what is to be tested", act)
		}
	}
}

func FuzzDecide(f *testing.F) {
	f.Add([]byte{})
	dice := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		data := make([]byte, 96)
		for i := range data {
			data[i] = byte(dice.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(checkChoices)
}
