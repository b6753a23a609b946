package controller

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// errCrash stands for the end of the process in the middle of a call.
var errCrash = errors.New("the process ends here")

// misfortune is a world in which everything that can go wrong does, now and then, and that checks at each step that no
// object is doubled.
type misfortune struct {
	*world
	life   *life
	names  []string
	random *rand.Rand
	seed   uint64
	on     bool
	log    []string
}

func (m *misfortune) chance(oneIn int) bool { return m.on && m.random.IntN(oneIn) == 0 }

func (m *misfortune) happens(what string) {
	m.log = append(m.log, fmt.Sprintf("%s %s (%d objects)", m.clock.Now().Format("15:04:05"), what, len(m.objects)))
}

// failCall fails calls to Atlas: before or after they were carried out, and for good or with an unknown outcome.
func (m *misfortune) failCall(call string, done bool) error {
	when := "before "
	if done {
		when = "after "
	}
	if m.chance(8) {
		m.happens("crash " + when + call)
		panic(errCrash)
	}
	if m.chance(5) {
		m.happens("503 " + when + call)
		return errUnavailable
	}
	if call == "create" && !done && m.chance(4) {
		refusal := []error{errInvalid, errExists, errInUse}[m.random.IntN(3)]
		m.happens(fmt.Sprint("refused: ", refusal))
		return refusal
	}
	if call == "create" && done {
		m.happens("created")
	}
	return nil
}

// failWrite loses writes of the status, or the answers to them.
func (m *misfortune) failWrite(write func() error) error {
	switch {
	case m.chance(12):
		m.happens("crash before a write of the status")
		panic(errCrash)
	case m.chance(6):
		m.happens("a write of the status is lost")
		return errors.New("the API server is away")
	case m.chance(6):
		name := m.names[m.random.IntN(len(m.names))]
		if m.named(name) == nil {
			break
		}
		m.happens("somebody edits " + name)
		m.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"n": fmt.Sprint(m.random.Uint64())} })
	}
	err := write()
	switch {
	case err == nil && m.chance(10):
		m.happens("the answer to a write of the status is lost")
		return errors.New("no answer")
	case m.chance(12):
		m.happens("crash after a write of the status")
		panic(errCrash)
	}
	return err
}

// step is one pass over one resource, and perhaps a restart.
func (m *misfortune) step(name string) (pause time.Duration) {
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); !ok || !errors.Is(err, errCrash) {
				panic(r)
			}
			m.restart()
			pause = time.Second
		}
	}()
	m.interfere(name)
	if m.chance(15) {
		m.happens("restart")
		m.restart()
	}
	pause, err := m.reconcileNamed(name)
	if err != nil || pause <= 0 {
		pause = time.Second
	}
	return pause
}

// interfere is what happens around a resource: Atlas does not show its objects for a time shorter than settle, the next
// process has another clock, and people take away what is ours.
func (m *misfortune) interfere(name string) {
	settle := m.shared.options.settle()
	link := m.named(name)
	switch {
	case m.chance(12) && m.clock.Now().After(m.holeEnds.Add(3*settle)) && !m.life.foreign:
		// A first POST rests on one list: what people made and a hole hides is doubled or taken for ours.
		hidden := [][]string{{"list"}, {"get"}, {"list", "get"}}[m.random.IntN(3)]
		m.hide(time.Duration(m.random.Int64N(int64(settle-time.Second))), hidden...)
		m.happens(fmt.Sprint("no ", hidden, " shows any object until ", m.holeEnds.Format("15:04:05")))
	case m.chance(15):
		m.skew = time.Duration(m.random.IntN(20)-10) * time.Minute
		m.happens(fmt.Sprint("restart with a clock that is ahead by ", m.skew))
		m.restart()
	case m.chance(15) && link.DeletionTimestamp == nil && (link.Status.Owned() || link.Status.OpenClaim()):
		m.happens("somebody strips " + name)
		m.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Finalizers = nil })
		if err := m.undisturbed(func() error { return m.wipe(name) }); err != nil {
			m.fatalf("%s is not restored: %v", name, err)
		}
	}
}

// undisturbed runs something while nothing goes wrong.
func (m *misfortune) undisturbed(run func() error) error {
	m.on = false
	defer func() { m.on = true }()
	return run()
}

// wipe takes the id or the claim out of the status, and expects the reconciliation that this wakes to put it back, and
// the finalizer.
func (m *misfortune) wipe(name string) error {
	before := m.named(name)
	if kept := m.shared.memories.of(nameOf(before), before.UID, m.clock.Now()).kept; !kept.Owned() && !kept.OpenClaim() {
		_, err := m.reconcileNamed(name) // this process has not seen it yet
		return err
	}
	wiped := m.named(name)
	wiped.Status.ID, wiped.Status.Ownership, wiped.Status.CreateRequestedAt = "", "", nil
	if err := m.kube.Status().Update(m.t.Context(), wiped); err != nil {
		return err
	}
	if _, err := m.reconcileNamed(name); err != nil {
		return err
	}
	after := m.named(name)
	if !hasFinalizer(after) && (after.Status.Owned() || after.Status.OpenClaim()) {
		return errors.New("no finalizer")
	}
	if before.Status.Owned() && !after.Status.Owned() && !after.Status.OpenClaim() {
		return errors.New("the id is lost")
	}
	return nil
}

// living are the resources that the API server still has.
func (m *misfortune) living() []string {
	return slices.DeleteFunc(slices.Clone(m.names), func(name string) bool { return m.named(name) == nil })
}

func (m *misfortune) run(d time.Duration) {
	m.t.Helper()
	for end := m.clock.Now().Add(d); m.clock.Now().Before(end) && len(m.living()) > 0; {
		next := time.Hour
		for _, name := range m.living() {
			if m.life.meddle != nil && m.on {
				m.life.meddle(m)
			}
			before := m.named(name).Status.ManagedStatus
			next = min(next, m.step(name))
			m.check(name, before)
		}
		m.clock.Step(max(next, 10*time.Millisecond))
	}
}

// check looks for what must never be, after a step of the resource whose status was that before.
func (m *misfortune) check(name string, before v1alpha1.ManagedStatus) {
	m.t.Helper()
	if made := slices.Sorted(maps.Keys(m.objects)); len(m.ours(made)) > 1 {
		m.fatalf("%v where one is meant", m.ours(made))
	}
	if m.named(name) == nil && before.Owned() && m.objects[before.ID] != nil && !m.life.retains {
		m.fatalf("%s is gone and its object %s is not", name, before.ID)
	}
	owner := map[string]string{}
	for _, name := range m.living() {
		status := m.named(name).Status
		if other := owner[status.ID]; other != "" && status.Owned() {
			m.fatalf("%s and %s both own %s", name, other, status.ID)
		}
		if status.Owned() {
			owner[status.ID] = name
		}
	}
}

// ours leaves out what people made.
func (m *misfortune) ours(ids []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return id == chosen || id == spared })
}

// see checks each write to Atlas against what the API server knows of its author at that moment.
func (m *misfortune) see(who *v1alpha1.StreamPrivateLink, call, id string, borrowed bool) {
	m.t.Helper()
	status := m.named(who.Name).Status
	switch {
	case call == "delete" && borrowed && status.Ownership == v1alpha1.OwnershipAdopted:
		m.fatalf("%s deletes %s, which was adopted, with the default credentials", who.Name, id)
	case call != "create" && (!status.Owned() || status.ID != id):
		m.fatalf("%s does %s to %s, which it does not own", who.Name, call, id)
	case call == "create" && !status.OpenClaim():
		m.fatalf("%s creates without a claim", who.Name)
	case call == "create" && who.Spec.ImportID != "":
		m.fatalf("%s creates although importId names an object", who.Name)
	}
}

func (m *misfortune) fatalf(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf("%s, seed %d: %s\n%s", m.life.name, m.seed, fmt.Sprintf(format, args...), m.story())
}

func (m *misfortune) story() string {
	text := ""
	for _, line := range m.log {
		text += line + "\n"
	}
	for _, name := range m.living() {
		text += fmt.Sprintf("%s: %+v\n", name, m.named(name).Status)
	}
	return text
}
