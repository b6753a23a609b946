package lifecycle

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	testProject = "0123456789abcdef01234567"
	testLink    = "aaaaaaaaaaaaaaaaaaaaaaaa"
)

// noon is when the tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// world is an Atlas of one project in memory, and the cluster with a link, at a time that the test moves.
type world struct {
	t     *testing.T
	clock *testclock.FakeClock
	kube  client.WithWatch
	// eventWrite, when set, runs in place of a write of an event.
	eventWrite func() error
	// statusWrite, when set, runs in place of a write of the status.
	statusWrite func(write func() error) error
	shared      *lifecycle

	objects map[string]*decision.RemoteObject
	// madeAt says since when an object is there, lag for how long reads do not show it then.
	madeAt map[string]time.Time
	lag    time.Duration
	// hidden is a hole in reads: until holeEnds, those calls ("list", "get") do not show any object that exists.
	hidden   []string
	holeEnds time.Time
	// skew is how far the clock of the process is ahead of Atlas's.
	skew  time.Duration
	made  int
	calls []string
	// fail, when set, is asked before and after a call is carried out.
	fail func(call string, done bool) error
	// prepared is what the spec of every link needs beside itself.
	prepared Resolved
	// liveFingerprint, when set, is what a request has that was made of values, instead of what is known without them.
	liveFingerprint string
	// waitedFor is how many objects of the list are.
	waitedFor int
	// last, when not nil, has the last list of each credential, which serves reads as long as it is fresh enough.
	last map[string]fakeSnapshot
	// queued creations claim before they get the lock.
	queued bool
	// witness, when set, is told of each write to Atlas before it is carried out: who does what to which object, and
	// whether with the default credentials.
	witness func(who *v1alpha1.StreamPrivateLink, call, id string, fromDefaults bool)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: testclock.NewFakeClock(noon), objects: map[string]*decision.RemoteObject{}, madeAt: map[string]time.Time{}}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, eventsv1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	link := worldLink("link")
	builder := fake.NewClientBuilder().WithScheme(scheme)
	if err := addIndexes(t.Context(), indexedBy{builder}, w.kind(), types.NamespacedName{}); err != nil {
		t.Fatal(err)
	}
	w.kube = builder.WithObjects(link, worldSecret("shop"), worldSecret("platform")).WithStatusSubresource(link).
		WithInterceptorFuncs(interceptor.Funcs{SubResourcePatch: w.patchStatus, Create: w.create}).Build()
	w.restart()
	return w
}

// worldSecret has credentials; those in the namespace platform are the default ones, which others may use.
func worldSecret(namespace string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "atlas"}, Data: map[string][]byte{
		"clientId": []byte("id"), "clientSecret": []byte("secret"), credentials.KeyProjectIDs: []byte(testProject),
	}}
}

// worldLink is a link with the default policies. All links of a world mean the same object.
func worldLink(name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name), Generation: 1},
		Spec: v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, ManagedSpec: v1alpha1.ManagedSpec{
			ProjectID: testProject, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"},
			ManagementPolicy: v1alpha1.Manage, DeletionPolicy: v1alpha1.Delete,
			DriftPolicy: v1alpha1.Correct, AdoptionPolicy: v1alpha1.AdoptIfMatches,
		}},
	}
}

func (w *world) patchStatus(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
	write := func() error { return c.SubResource(sub).Patch(ctx, object, patch, opts...) }
	if w.statusWrite != nil {
		return w.statusWrite(write)
	}
	return write()
}

func (w *world) create(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.CreateOption) error {
	if _, isEvent := object.(*eventsv1.Event); isEvent && w.eventWrite != nil && ctx.Err() == nil {
		return w.eventWrite()
	}
	return c.Create(ctx, object, opts...)
}

// restart is a new process: nothing is remembered.
func (w *world) restart() {
	options := Options{
		Atlas: atlas.Options{BaseURL: "http://127.0.0.1:1", Timeout: 30 * time.Second}, Clock: skewedClock{w.clock, w.skew},
		Recorder: noop{}, PendingPollInterval: 15 * time.Second, SteadyPollInterval: 10 * time.Minute,
		DefaultCredentials: credentials.Defaults{Name: types.NamespacedName{Namespace: "platform", Name: "atlas"}, Namespaces: []string{"shop"}},
	}
	w.shared = &lifecycle{
		kind: w.kind(), client: w.kube, live: w.kube, events: &eventWriter{client: w.kube}, options: options,
		credentials: credentials.NewStore(&credentials.Reader{Cached: w.kube, Live: w.kube}, options.Atlas, options.DefaultCredentials, options.Clock, options.SteadyPollInterval),
		inventory:   inventory.New(inventory.Options{Clock: options.Clock, Settle: options.settle(), PollInterval: options.SteadyPollInterval}),
		alone:       &sync.Map{}, locks: newLocks(), owners: &owners{}, tracker: newTracker(),
		limiter: newLimiter(10, func(types.NamespacedName, bool) {}),
	}
}

// noop is a MetricsRecorder that records nothing.
type noop struct{}

func (noop) Wrote(string, string, error)       {}
func (noop) BecameReady(string, time.Duration) {}
func (noop) DriftFound(string)                 {}
func (noop) DriftRepaired(string)              {}

// context is that of a reconcile: with a logger, here one that says nothing.
func (w *world) context() context.Context { return logr.NewContext(w.t.Context(), logr.Discard()) }

// link is the resource as the API server has it; nil when it is gone.
func (w *world) link() *v1alpha1.StreamPrivateLink { return w.named("link") }

func (w *world) named(name string) *v1alpha1.StreamPrivateLink {
	link := &v1alpha1.StreamPrivateLink{}
	if err := w.kube.Get(w.t.Context(), client.ObjectKey{Namespace: "shop", Name: name}, link); err != nil {
		return nil
	}
	return link
}

// edit changes the resource as people do.
func (w *world) edit(change func(*v1alpha1.StreamPrivateLink)) {
	w.t.Helper()
	w.editNamed("link", change)
}

func (w *world) editNamed(name string, change func(*v1alpha1.StreamPrivateLink)) {
	w.t.Helper()
	link := w.named(name)
	change(link)
	if err := w.kube.Update(w.t.Context(), link); err != nil {
		w.t.Fatal(err)
	}
}

// reconciliation begins one of the resource.
func (w *world) reconciliation() *reconciliation {
	return w.shared.newReconciliation(w.context(), w.link())
}

// reconcile is one reconciliation; it returns the pause that follows.
func (w *world) reconcile() (time.Duration, error) { return w.reconcileNamed("link") }

func (w *world) reconcileNamed(name string) (time.Duration, error) {
	link := w.named(name)
	if link == nil {
		return 0, nil
	}
	result, err := w.shared.reconcile(w.context(), link)
	return result.RequeueAfter, err
}

// settleFor reconciles as often as the pauses ask for it, until that time is over.
func (w *world) settleFor(d time.Duration) {
	w.t.Helper()
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end) && w.link() != nil; {
		pause, err := w.reconcile()
		if err != nil || pause <= 0 {
			pause = 10 * time.Second // the queue's own pause after an error, or an event
		}
		w.clock.Step(max(pause, 10*time.Millisecond))
	}
}

func (w *world) count(call string) int {
	return len(slices.DeleteFunc(slices.Clone(w.calls), func(c string) bool { return c != call }))
}

// visible reports whether that call shows the object.
func (w *world) visible(call, id string) bool {
	now := w.clock.Now()
	inHole := now.Before(w.holeEnds) && slices.Contains(w.hidden, call)
	return !inHole && !now.Before(w.madeAt[id].Add(w.lag))
}

// hide opens a hole in reads.
func (w *world) hide(d time.Duration, calls ...string) {
	w.hidden, w.holeEnds = calls, w.clock.Now().Add(d)
}

// skewedClock is the clock of another machine.
type skewedClock struct {
	*testclock.FakeClock
	ahead time.Duration
}

func (c skewedClock) Now() time.Time                  { return c.FakeClock.Now().Add(c.ahead) }
func (c skewedClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (w *world) do(call string, carryOut func()) error {
	w.calls = append(w.calls, call)
	if w.fail != nil {
		if err := w.fail(call, false); err != nil {
			return err
		}
	}
	carryOut()
	if w.fail != nil {
		return w.fail(call, true)
	}
	return nil
}

// fakeRemote is the side of a link towards the world.
type fakeRemote struct {
	*world
	*Session
}

// kind is that of links, as the world has them.
func (w *world) kind() *Kind {
	return &Kind{
		Name: "StreamPrivateLink", Noun: "private link", States: linkStates,
		New:       func() Managed { return &v1alpha1.StreamPrivateLink{} },
		NewList:   func() client.ObjectList { return &v1alpha1.StreamPrivateLinkList{} },
		Keys:      func(Managed) Keys { return Keys{Identity: "identity", Claim: "claim", Lock: "lock", Queued: w.queued} },
		ObjectKey: func(_ Managed, id string) string { return "object " + id },
		ImportID:  func(o Managed) string { return o.(*v1alpha1.StreamPrivateLink).Spec.ImportID },
		Connect:   func(s *Session) Remote { return &fakeRemote{world: w, Session: s} },
	}
}

func (e *fakeRemote) link() *v1alpha1.StreamPrivateLink {
	return e.Object.(*v1alpha1.StreamPrivateLink)
}

// Resolve: values of Secrets are sent once per fingerprint, which the status keeps as its dnsDomain.
func (e *fakeRemote) Resolve(_ context.Context, live bool) (*Resolved, error) {
	found := e.prepared
	if live && e.liveFingerprint != "" {
		found.Fingerprint = e.liveFingerprint
	}
	found.ResendSecrets = found.ResendSecrets && e.link().Status.DNSDomain != found.Fingerprint
	return &found, nil
}

func (e *fakeRemote) Sent(step SentStep) {
	if step == SentUpdate {
		e.link().Status.DNSDomain = e.prepared.Fingerprint
	}
}

func (e *fakeRemote) CachedList() (list CachedList, key string)    { return fakeList(e.waitedFor), "" }
func (e *fakeRemote) Watch(context.Context, string, func()) func() { return nil }
func (e *fakeRemote) Enrich(context.Context)                       {}
func (e *fakeRemote) ExtraConditions(Conditions)                   {}

// fakeList is a list of which so many objects are waited for.
type fakeList int

func (fakeList) GetIsCheaper(string, inventory.ReadOptions) bool { return false }
func (l fakeList) Waiting() int                                  { return int(l) }

func (e *fakeRemote) Publish(v *decision.RemoteObject) {
	status := &e.link().Status
	if v == nil {
		status.State = ""
		return
	}
	if !status.Owned() && !status.OpenClaim() {
		status.ID = v.ID
	}
	status.State = v.State
}

// fakeSnapshot is what a list showed.
type fakeSnapshot struct {
	begun   time.Time
	objects map[string]decision.RemoteObject
}

// read returns the last list, if it is fresh enough, or a new one.
func (e *fakeRemote) read(opts inventory.ReadOptions) (fakeSnapshot, error) {
	credential := e.CredentialsInUse.Client.CredentialKey()
	if known, ok := e.last[credential]; ok && !known.begun.Before(opts.NotBefore) {
		return known, nil
	}
	found := fakeSnapshot{e.Clock.Now(), map[string]decision.RemoteObject{}}
	err := e.do("list", func() {
		for id, object := range e.objects {
			if e.visible("list", id) {
				found.objects[id] = *object
			}
		}
	})
	if err == nil && e.last != nil {
		e.last[credential] = found
	}
	return found, err
}

func (e *fakeRemote) List(_ context.Context, opts inventory.ReadOptions) (Listing, error) {
	snapshot, err := e.read(opts)
	objects, seen := snapshot.objects, Listing{Begun: snapshot.begun}
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		if v := objects[id]; v.Class() == decision.StateDeleting {
			seen.Deleting = append(seen.Deleting, v)
		} else {
			seen.Candidates = append(seen.Candidates, v)
		}
	}
	seen.ByID = func(id string) *decision.RemoteObject {
		if v, ok := objects[id]; ok {
			return &v
		}
		return nil
	}
	return seen, err
}

func (e *fakeRemote) Get(_ context.Context, id string) (decision.RemoteObject, error) {
	var found decision.RemoteObject
	var missing error
	err := e.do("get", func() {
		if object, ok := e.objects[id]; ok && e.visible("get", id) {
			found = *object
		} else {
			missing = errNotFound
		}
	})
	if err == nil {
		err = missing
	}
	return found, err
}

func (e *fakeRemote) writes(call, id string) {
	if e.world.witness != nil {
		e.world.witness(e.link(), call, id, e.CredentialsInUse.FromDefaults)
	}
}

func (e *fakeRemote) Create(context.Context) (decision.RemoteObject, error) {
	e.writes("create", "")
	var v decision.RemoteObject
	err := e.do("create", func() {
		e.made++
		v = decision.RemoteObject{ID: fmt.Sprint("made", e.made), State: "WORKING", States: linkStates}
		e.objects[v.ID], e.madeAt[v.ID] = &v, e.world.clock.Now()
		for _, known := range e.last {
			known.objects[v.ID] = v // as the overlay of the inventory
		}
	})
	return v, err
}

func (e *fakeRemote) Update(_ context.Context, target decision.RemoteObject) error {
	e.writes("update", target.ID)
	var missing error
	err := e.do("update", func() {
		if object := e.objects[target.ID]; object != nil {
			object.Differences = nil
		} else {
			missing = errNotFound
		}
	})
	return cmp.Or(err, missing)
}

func (e *fakeRemote) Delete(_ context.Context, id string) error {
	e.writes("delete", id)
	return e.do("delete", func() { delete(e.objects, id) })
}

// The failures of calls that matter to the protocol.
var (
	errUnavailable = &atlas.Error{StatusCode: 503, Operation: "call"}
	errInUse       = &atlas.Error{StatusCode: 403, Code: "STREAM_CONNECTION_HAS_STREAM_PROCESSORS", AtlasBody: true, Operation: "call"}
	errExists      = &atlas.Error{StatusCode: 409, Code: "STREAM_CONNECTION_NAME_ALREADY_EXISTS", AtlasBody: true, Operation: "call"}
	errNotFound    = &atlas.Error{StatusCode: 404, Code: "RESOURCE_NOT_FOUND", AtlasBody: true, Operation: "call"}
	errInvalid     = &atlas.Error{StatusCode: 400, Code: "VALIDATION_ERROR", Detail: "no cluster", AtlasBody: true, Operation: "call"}
)

// failing fails that call before it is carried out.
func failing(call string, err error) func(string, bool) error {
	return func(c string, done bool) error {
		if c == call && !done {
			return err
		}
		return nil
	}
}

// linkStates are states of private links.
var linkStates = decision.StateTable{
	"":                 {Class: decision.StatePending, Reason: v1alpha1.ReasonCreating},
	"IDLE":             {Class: decision.StatePending, Reason: v1alpha1.ReasonIdle},
	"WORKING":          {Class: decision.StatePending, Reason: v1alpha1.ReasonWorking},
	"DONE":             {Class: decision.StateReady, Reason: v1alpha1.ReasonDone},
	"FAILED":           {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleteRequested},
	"DELETING":         {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
	"DELETED":          {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleted},
}
