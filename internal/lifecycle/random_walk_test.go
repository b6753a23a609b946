package lifecycle

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
	"github.com/atlasstreams/operator/internal/testenv/random"
)

// walk is what a random walk is about, beside the faults that all walks share.
type walk struct {
	name string
	// competitors mean the same object as the resource.
	competitors []string
	// foreign: people made two objects in Atlas before all.
	foreign bool
	// retains: a resource may go without its object, and objects that are recreated may be replaced by others that match.
	retains bool
	// begin prepares the world, interfere does what people and other tools do in between.
	begin, interfere func(f *faultInjection)
	// well says what is wrong after all has been well for hours; empty when nothing is.
	check func(f *faultInjection) string
}

// Two objects that people made, one of which a resource is to import.
const chosen, spared = "chosen", "spared"

var walks = []walk{
	{name: "alone", check: oneOwns},
	{name: "deleted behind our back", interfere: deleteBehindUs, check: oneOwns},
	{name: "competitors", competitors: []string{"earlier", "competitor"}, check: oneOwns},
	{name: "competitors, deleted behind their backs", competitors: []string{"competitor"}, interfere: deleteBehindUs, check: oneOwns},
	{name: "importId", foreign: true, begin: putForeign, interfere: setImportID, check: chosenIsOwned},
	{name: "a competitor without credentials", competitors: []string{"earlier"}, begin: withoutCredentials, interfere: deleteBehindUs, check: theOtherOwns},
	{name: "another team's object", foreign: true, retains: true, begin: putForeign, interfere: takeFromOthers, check: func(*faultInjection) string { return "" }},
	{name: "importId of competitors", foreign: true, competitors: []string{"competitor"}, begin: putForeign, interfere: setImportID, check: chosenIsOwned},
}

func deleteBehindUs(f *faultInjection) {
	if !f.chance(25) {
		return
	}
	for id := range f.objects {
		f.happens("somebody deletes " + id + " in Atlas")
		delete(f.objects, id)
	}
}

func putForeign(f *faultInjection) {
	for _, id := range []string{chosen, spared} {
		f.objects[id] = &decision.RemoteObject{ID: id, State: "DONE", States: linkStates}
	}
	policies := []v1alpha1.AdoptionPolicy{v1alpha1.AdoptIfMatches, v1alpha1.AdoptAlways, v1alpha1.AdoptNever}
	for _, name := range f.names {
		policy := policies[f.random.IntN(len(policies))]
		f.editNamed(name, func(l *v1alpha1.StreamPrivateLink) {
			l.Spec.AdoptionPolicy, l.Spec.ImportID = policy, []string{"", "mistyped", chosen}[f.random.IntN(3)]
		})
	}
}

// setImportID: people find out which object they mean at some time.
func setImportID(f *faultInjection) {
	if f.chance(10) {
		f.chooseAll()
	}
}

func (f *faultInjection) chooseAll() {
	for _, name := range f.living() {
		if link := f.named(name); link.Spec.ImportID == chosen || link.Status.Owned() {
			continue
		}
		f.happens(name + " is told to import " + chosen)
		f.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID = chosen })
	}
}

// withoutCredentials: the older resource names a Secret that is not there.
func withoutCredentials(f *faultInjection) {
	f.editNamed("earlier", func(l *v1alpha1.StreamPrivateLink) { l.Spec.CredentialsRef.Name = "missing" })
}

// theOtherOwns: a resource that cannot read its project keeps nobody from anything.
func theOtherOwns(f *faultInjection) string {
	if status := f.named("link").Status; !status.Owned() || f.objects[status.ID] == nil || len(f.objects) != 1 {
		return "link does not own the one object: " + f.showsOf("link", v1alpha1.ConditionReady)
	}
	return ""
}

// takeFromOthers: a team without rights to the chosen object adopts it and changes credentials and policies, to have it
// deleted.
func takeFromOthers(f *faultInjection) {
	if !f.chance(4) || f.named("link") == nil {
		return
	}
	var credentials *v1alpha1.LocalReference
	if name := []string{"", "atlas", "missing"}[f.random.IntN(3)]; name != "" {
		credentials = &v1alpha1.LocalReference{Name: name}
	}
	policy := []v1alpha1.DeletionPolicy{v1alpha1.Delete, v1alpha1.Retain}[f.random.IntN(2)]
	recreate := []string{"", chosen}[f.random.IntN(2)]
	f.happens(fmt.Sprintf("link has credentials %v, policy %s, recreate %q", credentials, policy, recreate))
	f.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Spec.CredentialsRef, l.Spec.DeletionPolicy, l.Spec.ImportID = credentials, policy, chosen
		l.Annotations = map[string]string{v1alpha1.AnnotationRecreate: recreate}
	})
}

// oneOwns: one resource owns the one object, all others say who does.
func oneOwns(f *faultInjection) string {
	owners := 0
	for _, name := range f.living() {
		switch status := f.named(name).Status; {
		case status.Owned() && f.objects[status.ID] != nil:
			owners++
		case f.showsOf(name, v1alpha1.ConditionStalled) != "True AlreadyManaged":
			return name + " neither owns an object nor says who does: " + f.showsOf(name, v1alpha1.ConditionReady)
		}
	}
	if owners != 1 || len(f.objects) != 1 {
		return "not one object with one owner"
	}
	return ""
}

func chosenIsOwned(f *faultInjection) string {
	f.chooseAll()
	f.run(time.Hour)
	owners := 0
	for _, name := range f.living() {
		if status := f.named(name).Status; status.ID == chosen && status.Ownership == v1alpha1.OwnershipAdopted {
			owners++
		}
	}
	if owners != 1 || len(f.objects) != 2 || f.made != 0 {
		return "the chosen object is not adopted by one resource, and nothing else changed"
	}
	return ""
}

// TestNoMisfortuneDoublesOrLosesAnObject walks the protocol through random crashes, lost answers, lost writes, foreign
// edits and lists that lag, alone and among competitors, while objects vanish or are to be imported, and deletes the
// resources in the end, or in the middle of it.
func TestRandomWalkDoublesAndLosesNoObject(t *testing.T) {
	skipUnderRaceDetector(t)
	seed := random.Seed(t) // one a run: under the race detector a life takes seconds
	for i := range walks {
		t.Run(walks[i].name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runWalk(t, &walks[i], seed) }) // the pauses of retried writes take no time
		})
	}
}

// runWalk is the life of the resources, from creation to deletion.
func runWalk(t *testing.T, l *walk, seed uint64) {
	t.Helper()
	f := &faultInjection{
		world: newWorld(t), life: l, names: append([]string{"link"}, l.competitors...), seed: seed, random: rand.New(rand.NewPCG(seed, 0)), on: true,
	}
	for _, name := range l.competitors {
		if err := f.kube.Create(t.Context(), worldLink(name)); err != nil {
			t.Fatal(err)
		}
	}
	if l.begin != nil {
		l.begin(f)
	}
	f.fail, f.statusWrite, f.witness = f.failCall, f.failWrite, f.see
	f.lag = time.Duration(f.random.IntN(25)) * time.Second
	f.queued = f.random.IntN(2) == 1
	f.run([]time.Duration{10 * time.Second, time.Minute, 10 * time.Minute}[f.random.IntN(3)])
	if f.random.IntN(3) > 0 {
		f.on = false
		f.run(2 * time.Hour)
		if wrong := l.check(f); wrong != "" {
			f.fatalf("after all is well again: %s", wrong)
		}
		f.on = true
	}
	f.deleteAll()
	f.on = false
	f.run(2 * time.Hour)
	if living := f.living(); len(living) > 0 {
		f.fatalf("after all is well again these are still there: %v", living)
	}
	f.expectNothingOfOurs()
}

// deleteAll deletes the resources, at the same time or one after the other.
func (f *faultInjection) deleteAll() {
	f.random.Shuffle(len(f.names), func(i, j int) { f.names[i], f.names[j] = f.names[j], f.names[i] })
	for _, name := range f.living() {
		f.happens(name + " is deleted")
		if err := f.kube.Delete(f.t.Context(), f.named(name)); err != nil {
			f.t.Fatal(err)
		}
		if f.random.IntN(2) > 0 {
			f.run(20 * time.Minute)
		}
	}
	f.run(20 * time.Minute)
}

// expectNothingOfOurs: what was made is gone, and what nobody took is still there.
func (f *faultInjection) expectNothingOfOurs() {
	f.t.Helper()
	if left := f.ours(slices.Sorted(maps.Keys(f.objects))); len(left) > 0 {
		f.fatalf("the resources are gone and %v is not", left)
	}
	if f.life.foreign && !f.life.retains && f.objects[spared] == nil {
		f.fatalf("somebody else's object was deleted")
	}
}
