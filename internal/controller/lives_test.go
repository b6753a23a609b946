package controller

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// life is what a random life is about, beside the misfortunes that all lives share.
type life struct {
	name string
	// rivals mean the same object as the resource.
	rivals []string
	// foreign: people made two objects in Atlas before all.
	foreign bool
	// retains: a resource may go without its object, and objects that are recreated may be replaced by others that match.
	retains bool
	// begin prepares the world, meddle does what people and other tools do in between.
	begin, meddle func(m *misfortune)
	// well says what is wrong after all has been well for hours; empty when nothing is.
	well func(m *misfortune) string
}

// Two objects that people made, one of which a resource is to import.
const chosen, spared = "chosen", "spared"

var lives = []life{
	{name: "alone", well: oneOwns},
	{name: "deleted behind our back", meddle: deleteBehindUs, well: oneOwns},
	{name: "rivals", rivals: []string{"earlier", "rival"}, well: oneOwns},
	{name: "rivals, deleted behind their backs", rivals: []string{"rival"}, meddle: deleteBehindUs, well: oneOwns},
	{name: "importId", foreign: true, begin: putForeign, meddle: setImportID, well: chosenIsOwned},
	{name: "a rival without credentials", rivals: []string{"earlier"}, begin: withoutCredentials, meddle: deleteBehindUs, well: theOtherOwns},
	{name: "another team's object", foreign: true, retains: true, begin: putForeign, meddle: takeFromOthers, well: func(*misfortune) string { return "" }},
	{name: "importId of rivals", foreign: true, rivals: []string{"rival"}, begin: putForeign, meddle: setImportID, well: chosenIsOwned},
}

func deleteBehindUs(m *misfortune) {
	if !m.chance(25) {
		return
	}
	for id := range m.objects {
		m.happens("somebody deletes " + id + " in Atlas")
		delete(m.objects, id)
	}
}

func putForeign(m *misfortune) {
	for _, id := range []string{chosen, spared} {
		m.objects[id] = &view{id: id, state: "DONE", states: linkStates}
	}
	policies := []v1alpha1.AdoptionPolicy{v1alpha1.AdoptIfMatches, v1alpha1.AdoptAlways, v1alpha1.AdoptNever}
	for _, name := range m.names {
		policy := policies[m.random.IntN(len(policies))]
		m.editNamed(name, func(l *v1alpha1.StreamPrivateLink) {
			l.Spec.AdoptionPolicy, l.Spec.ImportID = policy, []string{"", "mistyped", chosen}[m.random.IntN(3)]
		})
	}
}

// setImportID: people find out which object they mean at some time.
func setImportID(m *misfortune) {
	if m.chance(10) {
		m.chooseAll()
	}
}

func (m *misfortune) chooseAll() {
	for _, name := range m.living() {
		if link := m.named(name); link.Spec.ImportID == chosen || link.Status.Owned() {
			continue
		}
		m.happens(name + " is told to import " + chosen)
		m.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID = chosen })
	}
}

// withoutCredentials: the older resource names a Secret that is not there.
func withoutCredentials(m *misfortune) {
	m.editNamed("earlier", func(l *v1alpha1.StreamPrivateLink) { l.Spec.CredentialsRef.Name = "missing" })
}

// theOtherOwns: a resource that cannot read its project keeps nobody from anything.
func theOtherOwns(m *misfortune) string {
	if status := m.named("link").Status; !status.Owned() || m.objects[status.ID] == nil || len(m.objects) != 1 {
		return "link does not own the one object: " + m.showsOf("link", v1alpha1.ConditionReady)
	}
	return ""
}

// takeFromOthers: a team without rights to the chosen object adopts it and changes credentials and policies, to have it
// deleted.
func takeFromOthers(m *misfortune) {
	if !m.chance(4) || m.named("link") == nil {
		return
	}
	var credentials *v1alpha1.LocalReference
	if name := []string{"", "atlas", "missing"}[m.random.IntN(3)]; name != "" {
		credentials = &v1alpha1.LocalReference{Name: name}
	}
	policy := []v1alpha1.DeletionPolicy{v1alpha1.Delete, v1alpha1.Retain}[m.random.IntN(2)]
	recreate := []string{"", chosen}[m.random.IntN(2)]
	m.happens(fmt.Sprintf("link has credentials %v, policy %s, recreate %q", credentials, policy, recreate))
	m.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Spec.CredentialsRef, l.Spec.DeletionPolicy, l.Spec.ImportID = credentials, policy, chosen
		l.Annotations = map[string]string{v1alpha1.AnnotationRecreate: recreate}
	})
}

// oneOwns: one resource owns the one object, all others say who does.
func oneOwns(m *misfortune) string {
	owners := 0
	for _, name := range m.living() {
		switch status := m.named(name).Status; {
		case status.Owned() && m.objects[status.ID] != nil:
			owners++
		case m.showsOf(name, v1alpha1.ConditionStalled) != "True AlreadyManaged":
			return name + " neither owns an object nor says who does: " + m.showsOf(name, v1alpha1.ConditionReady)
		}
	}
	if owners != 1 || len(m.objects) != 1 {
		return "not one object with one owner"
	}
	return ""
}

func chosenIsOwned(m *misfortune) string {
	m.chooseAll()
	m.run(time.Hour)
	owners := 0
	for _, name := range m.living() {
		if status := m.named(name).Status; status.ID == chosen && status.Ownership == v1alpha1.OwnershipAdopted {
			owners++
		}
	}
	if owners != 1 || len(m.objects) != 2 || m.made != 0 {
		return "the chosen object is not adopted by one resource, and nothing else changed"
	}
	return ""
}

// TestNoMisfortuneDoublesOrLosesAnObject walks the protocol through random crashes, lost answers, lost writes, foreign
// edits and lists that lag, alone and among rivals, while objects vanish or are to be imported, and deletes the
// resources in the end, or in the middle of it.
func TestNoMisfortuneDoublesOrLosesAnObject(t *testing.T) {
	seed := randomSeed(t) // one a run: under the race detector a life takes seconds
	for i := range lives {
		t.Run(lives[i].name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { endure(t, &lives[i], seed) }) // the pauses of retried writes take no time
		})
	}
}

// randomSeed is that of the environment variable SEED, which replays a run, or else a new one.
func randomSeed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("SEED=%d", seed)
	return seed
}

// endure is the life of the resources.
func endure(t *testing.T, l *life, seed uint64) {
	t.Helper()
	m := &misfortune{
		world: newWorld(t), life: l, names: append([]string{"link"}, l.rivals...), seed: seed, random: rand.New(rand.NewPCG(seed, 0)), on: true,
	}
	for _, name := range l.rivals {
		if err := m.kube.Create(t.Context(), worldLink(name)); err != nil {
			t.Fatal(err)
		}
	}
	if l.begin != nil {
		l.begin(m)
	}
	m.fail, m.statusWrite, m.witness = m.failCall, m.failWrite, m.see
	m.lag = time.Duration(m.random.IntN(25)) * time.Second
	m.queue = []string{"", "next"}[m.random.IntN(2)]
	m.run([]time.Duration{10 * time.Second, time.Minute, 10 * time.Minute}[m.random.IntN(3)])
	if m.random.IntN(3) > 0 {
		m.on = false
		m.run(2 * time.Hour)
		if wrong := l.well(m); wrong != "" {
			m.fatalf("after all is well again: %s", wrong)
		}
		m.on = true
	}
	m.deleteAll()
	m.on = false
	m.run(2 * time.Hour)
	if living := m.living(); len(living) > 0 {
		m.fatalf("after all is well again these are still there: %v", living)
	}
	m.expectNothingOfOurs()
}

// deleteAll deletes the resources, at the same time or one after the other.
func (m *misfortune) deleteAll() {
	m.random.Shuffle(len(m.names), func(i, j int) { m.names[i], m.names[j] = m.names[j], m.names[i] })
	for _, name := range m.living() {
		m.happens(name + " is deleted")
		if err := m.kube.Delete(m.t.Context(), m.named(name)); err != nil {
			m.t.Fatal(err)
		}
		if m.random.IntN(2) > 0 {
			m.run(20 * time.Minute)
		}
	}
	m.run(20 * time.Minute)
}

// expectNothingOfOurs: what was made is gone, and what nobody took is still there.
func (m *misfortune) expectNothingOfOurs() {
	m.t.Helper()
	if left := m.ours(slices.Sorted(maps.Keys(m.objects))); len(left) > 0 {
		m.fatalf("the resources are gone and %v is not", left)
	}
	if m.life.foreign && !m.life.retains && m.objects[spared] == nil {
		m.fatalf("somebody else's object was deleted")
	}
}
