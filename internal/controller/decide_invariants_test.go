package controller

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// choices turns bytes into a situation: each choice takes one byte, and those that are missing count as zero. So the
// fuzzer can change one choice at a time.
type choices struct{ bytes []byte }

func (c *choices) of(n int) int {
	if len(c.bytes) == 0 {
		return 0
	}
	next := c.bytes[0]
	c.bytes = c.bytes[1:]
	return int(next) % n
}

func (c *choices) maybe() bool { return c.of(2) == 1 }

func pick[T any](c *choices, from ...T) T { return from[c.of(len(from))] }

func (c *choices) ago(from ...time.Duration) time.Time {
	if d := pick(c, from...); d >= 0 {
		return noon.Add(-d)
	}
	return time.Time{}
}

// never stands for a moment that has not been.
const never = time.Duration(-1)

func (c *choices) view(id string) view {
	return view{
		id:          id,
		states:      pick(c, linkStates, connectionStates),
		state:       pick(c, "DONE", "READY", "", "IDLE", "WORKING", "PENDING", "FAILED", "DELETING", "DELETE_REQUESTED", "DELETED", "NEW_STATE"),
		differences: pick(c, nil, []difference{{path: "a"}}, []difference{{path: "b", fixed: true}}, []difference{{path: "a", clear: "x"}, {path: "b", fixed: true}}),
		named:       c.maybe(),
		owner:       pick(c, "", "", "shop/other"),
		doubtful:    c.of(8) == 1, anonymous: c.of(8) == 1,
	}
}

func (c *choices) maybeView(id string) *view {
	if !c.maybe() {
		return nil
	}
	v := c.view(id)
	return &v
}

func (c *choices) views(prefix string) []view {
	var views []view
	for i := range c.of(4) {
		views = append(views, c.view(fmt.Sprint(prefix, i)))
	}
	return views
}

func (c *choices) obstacle(reason string) *obstacle {
	if c.of(4) != 1 {
		return nil
	}
	return &obstacle{effect: missing, reason: reason, message: "waits", watched: c.maybe(), stalled: c.maybe()}
}

// situation is any situation that look can gather, and some that it should not.
func (c *choices) situation() *situation {
	s := &situation{
		now: noon, settle: time.Minute, poll: 15 * time.Second, kind: "private link",
		spec: v1alpha1.ManagedSpec{
			ManagementPolicy: pick(c, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Manage, v1alpha1.Observe, v1alpha1.Paused),
			DeletionPolicy:   pick(c, v1alpha1.Delete, v1alpha1.Delete, v1alpha1.Retain),
			DriftPolicy:      pick(c, v1alpha1.Correct, v1alpha1.Report),
			AdoptionPolicy:   pick(c, v1alpha1.AdoptIfMatches, v1alpha1.AdoptAlways, v1alpha1.AdoptNever),
		},
		importID: pick(c, "", "", "imported"), borrowed: c.of(4) == 1,
		deleting: c.of(3) == 1, hasFinalizer: true, abandon: c.of(8) == 1,
		recreate: pick(c, "", "", "mine", "old"),
		claim:    c.ago(never, time.Second, time.Minute, 61*time.Second, time.Hour),
		id:       pick(c, "", "mine"), ownership: pick(c, "", v1alpha1.OwnershipCreated, v1alpha1.OwnershipAdopted),
		wish: c.maybe(), resend: c.maybe(), patched: c.maybe(),
		listBegun:  c.ago(0, 0, time.Second, time.Hour),
		candidates: c.views("candidate"), leaving: c.views("leaving"),
		absentSince: c.ago(never, 0, 15*time.Second, 59*time.Second, time.Minute, time.Hour),
		rival:       pick(c, "", "", "shop/rival"),
		untried:     pick(c, "", "", "shop/older"),
		gate:        c.obstacle("LinkNotReady"), secretGate: c.obstacle("SecretNotFound"),
		users:      pick(c, nil, nil, []string{"shop/orders"}),
		deleteSent: c.ago(never, time.Second, time.Hour), lastWrite: c.ago(never, time.Second, time.Hour),
	}
	if s.owned() {
		s.owner = pick(c, "", "", "", "shop/older")
	}
	if s.ownership != "" {
		s.gone = pick(c, absenceUnknown, absenceHinted, absenceCertain)
		if s.mine = c.maybeView("mine"); s.mine != nil {
			s.gone = absenceUnknown
		} else {
			s.impostor = c.maybeView("impostor")
		}
	}
	if s.importID != "" {
		if s.imported = c.maybeView("imported"); s.imported == nil {
			s.importMissing = c.maybe()
		} else if s.imported.doubtful = false; c.maybe() { // it was named; it may be a candidate as well
			s.candidates = append(s.candidates, *s.imported)
		}
	}
	return s
}

// decideAll decides as a pass does: blind first, and after a look where that is needed.
func decideAll(s *situation) (d decision, looked bool) {
	if d = decideBlind(s); d.act != actLook {
		return d, false
	}
	return decide(s), true
}

// broken says which promise a decision breaks; nil for none.
func broken(s *situation, d decision, looked bool) error {
	return errors.Join(
		brokenCreation(s, d), brokenFinish(s, d, looked), brokenWrite(s, d), brokenTaking(s, d), brokenWords(d))
}

func brokenCreation(s *situation, d decision) error {
	if d.act != actCreate {
		return nil
	}
	switch {
	case s.owned() && (s.mine != nil || s.impostor != nil || s.gone != absenceCertain):
		return errors.New("creates although the owned object may be there")
	case s.openClaim() && (!s.now.After(s.claim.Add(s.settle)) || !s.listBegun.After(s.claim.Add(s.settle)) ||
		s.absentSince.IsZero() || s.listBegun.Sub(s.absentSince) < s.settle):
		return errors.New("creates although the claim is not resolved")
	case len(s.candidates) > 0:
		return errors.New("creates beside an object that matches")
	case len(s.leaving) > 0:
		return errors.New("creates beside an object that is being deleted")
	case s.rival != "":
		return errors.New("creates although another resource goes first")
	case s.untried != "":
		return errors.New("creates before an older resource was tried")
	case s.importID != "" && !s.owned():
		return errors.New("creates although importId names an object")
	case s.gate != nil || s.secretGate != nil:
		return errors.New("creates through a gate")
	case s.deleting:
		return errors.New("creates while being deleted")
	}
	return nil
}

func brokenFinish(s *situation, d decision, looked bool) error {
	switch {
	case d.act != actFinish:
		return nil
	case !s.deleting:
		return errors.New("finishes what is not being deleted")
	case (s.owned() || s.openClaim()) && (d.event == "" || d.note == ""):
		return errors.New("finishes without a word about what may be in Atlas")
	case s.abandon, s.spec.DeletionPolicy == v1alpha1.Retain, s.spec.ManagementPolicy == v1alpha1.Observe:
		return nil
	case s.spec.ManagementPolicy == v1alpha1.Paused:
		return errors.New("finishes while Paused")
	case !s.owned() && !s.openClaim():
		return nil
	case !looked:
		return errors.New("finishes without a look")
	case s.openClaim():
		ours, _ := claimedAmong(s)
		if s.gone == absenceCertain && len(ours) == 0 {
			return nil
		}
		if len(ours) > 0 || !claimExpired(s) {
			return errors.New("finishes although the claim is not resolved")
		}
	case s.owner != "", s.borrowed && s.ownership == v1alpha1.OwnershipAdopted, s.impostor != nil && s.gone == absenceCertain:
		return nil
	case s.deleteSent.IsZero():
		return errors.New("finishes without a DELETE")
	case s.mine != nil || s.gone != absenceCertain:
		return errors.New("finishes although the object may be there")
	}
	return nil
}

func brokenWrite(s *situation, d decision) error {
	writes := d.act == actCreate || d.act == actUpdate || d.act == actDelete || d.act == actTake
	switch {
	case writes && s.spec.ManagementPolicy != v1alpha1.Manage:
		return fmt.Errorf("does %v while %s", d.act, s.spec.ManagementPolicy)
	case d.act != actUpdate && d.act != actDelete:
		return nil
	case d.act == actDelete && s.borrowed && s.ownership == v1alpha1.OwnershipAdopted:
		return errors.New("deletes what was adopted with the default credentials of another namespace")
	case d.act == actDelete && s.mine == nil && s.deleting && s.owned() && d.remove == s.id && s.impostor == nil && s.owner == "":
		return nil // what is not to be seen may be there
	case !s.owned() || s.mine == nil || d.target == nil || d.target.id != s.id || s.impostor != nil || d.act == actDelete && d.remove != s.id:
		return fmt.Errorf("does %v to what is not owned", d.act)
	case s.owner != "":
		return fmt.Errorf("does %v to what belongs to another resource", d.act)
	case d.act == actUpdate && s.secretGate != nil:
		return errors.New("sends a connection without its secrets")
	case d.act == actUpdate && (s.deleting || s.spec.DriftPolicy == v1alpha1.Report && !s.wish && !s.resend):
		return errors.New("changes what it may only report")
	case d.act == actDelete && !s.deleting && s.recreate != s.id:
		return errors.New("deletes unasked")
	case d.act == actDelete && !s.deleting && s.mine.anonymous:
		return errors.New("replaces what cannot be told from its successor")
	case d.act == actDelete && len(s.users) > 0:
		return errors.New("deletes what is in use")
	}
	return nil
}

func brokenTaking(s *situation, d decision) error {
	switch {
	case d.act != actTake:
		return nil
	case d.target == nil || d.ownership == "":
		return errors.New("takes nothing, or as nobody's")
	case d.target.owner != "":
		return errors.New("takes what belongs to another resource")
	case d.target.doubtful:
		return errors.New("takes what may be somebody else's")
	case d.ownership == v1alpha1.OwnershipCreated && !s.openClaim():
		return errors.New("says that it made what it did not ask for")
	case d.ownership == v1alpha1.OwnershipAdopted && s.deleting:
		return errors.New("adopts while being deleted")
	case d.ownership == v1alpha1.OwnershipAdopted && s.borrowed && s.spec.DeletionPolicy != v1alpha1.Retain:
		return errors.New("adopts with borrowed credentials, to delete it one day")
	case d.ownership == v1alpha1.OwnershipAdopted && s.importID == "" && s.spec.AdoptionPolicy == v1alpha1.AdoptNever:
		return errors.New("adopts although the policy is Never")
	case d.ownership == v1alpha1.OwnershipAdopted && !d.target.equal() && s.spec.AdoptionPolicy != v1alpha1.AdoptAlways:
		return errors.New("adopts what differs")
	case s.owned() && s.gone != absenceCertain:
		return errors.New("takes another object while its own may be there")
	}
	return nil
}

func brokenWords(d decision) error {
	switch {
	case d.act == actTake || d.act == actFinish || d.progress == progressSteady:
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
	s := (&choices{bytes: data}).situation()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic %v in %+v", r, s)
		}
	}()
	before := ""
	if len(data) > 0 && data[0]%16 == 0 { // printing would take most of the time
		before = fmt.Sprintf("%+v", s)
	}
	d, looked := decideAll(s)
	if err := broken(s, d, looked); err != nil {
		t.Errorf("%v (%s)\nsituation %+v\ncandidates %+v\nmine %+v\nbytes %x", err, saysAll(d), s, s.candidates, s.mine, data)
	}
	if before != "" && fmt.Sprintf("%+v", s) != before {
		t.Errorf("the decision changed its situation from %s to %+v", before, s)
	}
	if again, _ := decideAll(s); outcomeOf(again) != outcomeOf(d) || saysAll(again) != saysAll(d) {
		t.Errorf("the same situation leads to another decision: %+v and %+v", d, again)
	}
}

func TestDecisionsKeepTheirPromises(t *testing.T) {
	seed := randomSeed(t)
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
		d, _ := decideAll((&choices{bytes: data}).situation())
		acts[d.act]++
	}
	for _, act := range []action{actNothing, actCreate, actTake, actUpdate, actDelete, actFinish} {
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
