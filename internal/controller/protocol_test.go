package controller

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// errCrash stands for the end of the process in the middle of a call.
var errCrash = errors.New("the process ends here")

// misfortune is a world in which everything that can go wrong does, now and then, and that checks at each step that no
// object is doubled.
type misfortune struct {
	*world
	random *rand.Rand
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
		m.happens("somebody edits the resource")
		m.edit(func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"n": fmt.Sprint(m.random.Uint64())} })
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

// step is one pass, and perhaps a restart.
func (m *misfortune) step() (pause time.Duration) {
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); !ok || !errors.Is(err, errCrash) {
				panic(r)
			}
			m.restart()
			pause = time.Second
		}
	}()
	if m.chance(15) {
		m.happens("restart")
		m.restart()
	}
	pause, err := m.reconcile()
	if err != nil || pause <= 0 {
		pause = time.Second
	}
	return pause
}

func (m *misfortune) run(seed uint64, d time.Duration) {
	m.t.Helper()
	for end := m.clock.Now().Add(d); m.clock.Now().Before(end) && m.link() != nil; {
		pause := m.step()
		if len(m.objects) > 1 {
			m.t.Fatalf("seed %d: %d objects for one resource\n%s", seed, len(m.objects), m.story())
		}
		if m.link() == nil && len(m.objects) > 0 {
			m.t.Fatalf("seed %d: the resource is gone and its object is not\n%s", seed, m.story())
		}
		m.clock.Step(max(pause, 10*time.Millisecond))
	}
}

func (m *misfortune) story() string {
	text := ""
	for _, line := range m.log {
		text += line + "\n"
	}
	return text
}

// TestNoMisfortuneDoublesOrLosesAnObject walks the protocol through random crashes, lost answers, lost writes,
// foreign edits and lists that lag, and deletes the resource in the end, or in the middle of it.
func TestNoMisfortuneDoublesOrLosesAnObject(t *testing.T) {
	first := rand.Uint64()
	t.Logf("first seed %d", first)
	for i := range uint64(25) {
		synctest.Test(t, func(t *testing.T) { endure(t, first+i) }) // the pauses of retried writes take no time
	}
}

// endure is the life of one resource.
func endure(t *testing.T, seed uint64) {
	t.Helper()
	m := &misfortune{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 0)), on: true}
	m.fail, m.statusWrite = m.failCall, m.failWrite
	m.lag = time.Duration(m.random.IntN(25)) * time.Second
	m.run(seed, []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute}[m.random.IntN(3)])
	if m.random.IntN(3) > 0 {
		m.on = false
		m.run(seed, 2*time.Hour)
		link := m.link()
		if len(m.objects) != 1 || m.objects[link.Status.ID] == nil || !link.Status.Owned() {
			t.Fatalf("seed %d: after all is well again there are %d objects, and the status says %q\n%s", seed, len(m.objects), link.Status.ID, m.story())
		}
		m.on = true
	}
	m.happens("the resource is deleted")
	if err := m.kube.Delete(t.Context(), m.link()); err != nil {
		t.Fatal(err)
	}
	m.run(seed, 20*time.Minute)
	m.on = false
	m.run(seed, 2*time.Hour)
	if m.link() != nil || len(m.objects) > 0 {
		t.Fatalf("seed %d: after all is well again the resource is still there, or its object: %d\n%s", seed, len(m.objects), m.story())
	}
}
