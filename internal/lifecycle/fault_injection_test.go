package lifecycle

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

// faultInjection is a world in which everything that can go wrong does, now and then, and that checks at each step that
// no object is doubled.
type faultInjection struct {
	*world
	life   *walk
	names  []string
	random *rand.Rand
	seed   uint64
	on     bool
	log    []string
}

func (f *faultInjection) chance(oneIn int) bool { return f.on && f.random.IntN(oneIn) == 0 }

func (f *faultInjection) happens(what string) {
	f.log = append(f.log, fmt.Sprintf("%s %s (%d objects)", f.clock.Now().Format("15:04:05"), what, len(f.objects)))
}

// failCall fails calls to Atlas: before or after they were carried out, and for good or with an unknown outcome.
func (f *faultInjection) failCall(call string, done bool) error {
	when := "before "
	if done {
		when = "after "
	}
	if f.chance(8) {
		f.happens("crash " + when + call)
		panic(errCrash)
	}
	if f.chance(5) {
		f.happens("503 " + when + call)
		return errUnavailable
	}
	if call == "create" && !done && f.chance(4) {
		refusal := []error{errInvalid, errExists, errInUse}[f.random.IntN(3)]
		f.happens(fmt.Sprint("refused: ", refusal))
		return refusal
	}
	if call == "create" && done {
		f.happens("created")
	}
	return nil
}

// failWrite loses writes of the status, or the answers to them.
func (f *faultInjection) failWrite(write func() error) error {
	switch {
	case f.chance(12):
		f.happens("crash before a write of the status")
		panic(errCrash)
	case f.chance(6):
		f.happens("a write of the status is lost")
		return errors.New("the API server is away")
	case f.chance(6):
		name := f.names[f.random.IntN(len(f.names))]
		if f.named(name) == nil {
			break
		}
		f.happens("somebody edits " + name)
		f.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"n": fmt.Sprint(f.random.Uint64())} })
	}
	err := write()
	switch {
	case err == nil && f.chance(10):
		f.happens("the answer to a write of the status is lost")
		return errors.New("no answer")
	case f.chance(12):
		f.happens("crash after a write of the status")
		panic(errCrash)
	}
	return err
}

// step is one reconciliation over one resource, and perhaps a restart.
func (f *faultInjection) step(name string) (pause time.Duration) {
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); !ok || !errors.Is(err, errCrash) {
				panic(r)
			}
			f.restart()
			pause = time.Second
		}
	}()
	f.interfere(name)
	if f.chance(15) {
		f.happens("restart")
		f.restart()
	}
	pause, err := f.reconcileNamed(name)
	if err != nil || pause <= 0 {
		pause = time.Second
	}
	return pause
}

// interfere is what happens around a resource: Atlas does not show its objects for a time shorter than settle, the next
// process has another clock, and people take away what is ours.
func (f *faultInjection) interfere(name string) {
	settle := f.shared.options.settle()
	link := f.named(name)
	switch {
	case f.chance(12) && f.clock.Now().After(f.holeEnds.Add(3*settle)) && !f.life.foreign:
		// A first POST rests on one list: what people made and a hole hides is doubled or taken for ours.
		hidden := [][]string{{"list"}, {"get"}, {"list", "get"}}[f.random.IntN(3)]
		f.hide(time.Duration(f.random.Int64N(int64(settle-time.Second))), hidden...)
		f.happens(fmt.Sprint("no ", hidden, " shows any object until ", f.holeEnds.Format("15:04:05")))
	case f.chance(15):
		f.skew = time.Duration(f.random.IntN(20)-10) * time.Minute
		f.happens(fmt.Sprint("restart with a clock that is ahead by ", f.skew))
		f.restart()
	case f.chance(15) && link.DeletionTimestamp == nil && (link.Status.Owned() || link.Status.OpenClaim()):
		f.happens("somebody strips " + name)
		f.editNamed(name, func(l *v1alpha1.StreamPrivateLink) { l.Finalizers = nil })
		if err := f.undisturbed(func() error { return f.wipe(name) }); err != nil {
			f.fatalf("%s is not restored: %v", name, err)
		}
	}
}

// undisturbed runs something while nothing goes wrong.
func (f *faultInjection) undisturbed(run func() error) error {
	f.on = false
	defer func() { f.on = true }()
	return run()
}

// wipe takes the id or the claim out of the status, and expects the reconciliation that this wakes to put it back, and
// the finalizer.
func (f *faultInjection) wipe(name string) error {
	before := f.named(name)
	if kept := f.shared.tracker.of(before, f.clock.Now()).claim.kept; kept == nil {
		_, err := f.reconcileNamed(name) // this process has not seen it yet
		return err
	}
	wiped := f.named(name)
	wiped.Status.ID, wiped.Status.Ownership, wiped.Status.CreateRequestedAt = "", "", nil
	if err := f.kube.Status().Update(f.t.Context(), wiped); err != nil {
		return err
	}
	if _, err := f.reconcileNamed(name); err != nil {
		return err
	}
	after := f.named(name)
	if !hasFinalizer(after) && (after.Status.Owned() || after.Status.OpenClaim()) {
		return errors.New("no finalizer")
	}
	if before.Status.Owned() && !after.Status.Owned() && !after.Status.OpenClaim() {
		return errors.New("the id is lost")
	}
	return nil
}

// living are the resources that the API server still has.
func (f *faultInjection) living() []string {
	return slices.DeleteFunc(slices.Clone(f.names), func(name string) bool { return f.named(name) == nil })
}

func (f *faultInjection) run(d time.Duration) {
	f.t.Helper()
	for end := f.clock.Now().Add(d); f.clock.Now().Before(end) && len(f.living()) > 0; {
		next := time.Hour
		for _, name := range f.living() {
			if f.life.interfere != nil && f.on {
				f.life.interfere(f)
			}
			before := f.named(name).Status.ManagedStatus
			next = min(next, f.step(name))
			f.check(name, before)
		}
		f.clock.Step(max(next, 10*time.Millisecond))
	}
}

// check looks for what must never be, after a step of the resource whose status was that before.
func (f *faultInjection) check(name string, before v1alpha1.ManagedStatus) {
	f.t.Helper()
	if made := slices.Sorted(maps.Keys(f.objects)); len(f.ours(made)) > 1 {
		f.fatalf("%v where one is meant", f.ours(made))
	}
	if f.named(name) == nil && before.Owned() && f.objects[before.ID] != nil && !f.life.retains {
		f.fatalf("%s is gone and its object %s is not", name, before.ID)
	}
	owner := map[string]string{}
	for _, name := range f.living() {
		status := f.named(name).Status
		if other := owner[status.ID]; other != "" && status.Owned() {
			f.fatalf("%s and %s both own %s", name, other, status.ID)
		}
		if status.Owned() {
			owner[status.ID] = name
		}
	}
}

// ours leaves out what people made.
func (f *faultInjection) ours(ids []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return id == chosen || id == spared })
}

// see checks each write to Atlas against what the API server knows of its author at that moment.
func (f *faultInjection) see(who *v1alpha1.StreamPrivateLink, call, id string, fromDefaults bool) {
	f.t.Helper()
	status := f.named(who.Name).Status
	switch {
	case call == "delete" && fromDefaults && status.Ownership == v1alpha1.OwnershipAdopted:
		f.fatalf("%s deletes %s, which was adopted, with the default credentials", who.Name, id)
	case call != "create" && (!status.Owned() || status.ID != id):
		f.fatalf("%s does %s to %s, which it does not own", who.Name, call, id)
	case call == "create" && !status.OpenClaim():
		f.fatalf("%s creates without a claim", who.Name)
	case call == "create" && who.Spec.ImportID != "":
		f.fatalf("%s creates although importId names an object", who.Name)
	}
}

func (f *faultInjection) fatalf(format string, args ...any) {
	f.t.Helper()
	f.t.Fatalf("%s, seed %d: %s\n%s", f.life.name, f.seed, fmt.Sprintf(format, args...), f.history())
}

func (f *faultInjection) history() string {
	text := ""
	for _, line := range f.log {
		text += line + "\n"
	}
	for _, name := range f.living() {
		text += fmt.Sprintf("%s: %+v\n", name, f.named(name).Status)
	}
	return text
}
