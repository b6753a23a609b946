package lifecycle

import (
	"maps"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// condition is a condition with its message; empty when it is not there.
func (w *world) condition(kind string) string { return textOf(w.link(), kind) }

func textOf(link *v1alpha1.StreamPrivateLink, kind string) string {
	if c := meta.FindStatusCondition(link.Status.Conditions, kind); c != nil {
		return string(c.Status) + " " + c.Reason + ": " + c.Message
	}
	return ""
}

// recordWrites collects what each condition says from now on, each change once.
func (w *world) recordWrites() map[string][]string {
	seen := map[string][]string{}
	for _, kind := range []string{
		v1alpha1.ConditionReady, v1alpha1.ConditionReconciling, v1alpha1.ConditionSynced, v1alpha1.ConditionStalled, v1alpha1.ConditionCredentialsReady,
	} {
		seen[kind] = []string{w.condition(kind)}
	}
	w.statusWrite = func(write func() error) error {
		err := write()
		link := w.link()
		for kind, values := range seen {
			if now := textOf(link, kind); now != values[len(values)-1] {
				seen[kind] = append(values, now)
			}
		}
		return err
	}
	return seen
}

// expectNoFlapping: no condition goes the same way twice, as from working to failing at every try, and none has much to
// say.
func expectNoFlapping(t *testing.T, seen map[string][]string) {
	t.Helper()
	g := NewWithT(t)
	for kind, values := range seen {
		ways := map[[2]string]bool{}
		for i := 1; i < len(values); i++ {
			way := [2]string{values[i-1], values[i]}
			g.Expect(ways[way]).To(BeFalse(), "%s flaps: %q", kind, values)
			ways[way] = true
		}
		g.Expect(len(values)).To(BeNumerically("<=", 5), "%s: %q", kind, values)
	}
}

// skipUnderRaceDetector skips what one goroutine does, for minutes under the race detector: hack/test.sh runs the package
// with it and -short, and as a whole without it.
func skipUnderRaceDetector(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long, and of one goroutine")
	}
}

// noAnswer is what a call to Atlas fails with when nobody listens.
func noAnswer(t *testing.T) error {
	t.Helper()
	g := NewWithT(t)
	nobody := httptest.NewServer(nil)
	nobody.Close()
	client, err := atlas.New(atlas.Credentials{APIKey: true, ID: "key", Secret: atlas.NewSecret("private")}, atlas.Options{BaseURL: nobody.URL})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = client.GetPrivateLink(t.Context(), testProject, testLink)
	g.Expect(atlas.IsUnavailable(err)).To(BeTrue(), "%v", err)
	return err
}

// failures is one of each class.
func failures(t *testing.T) map[string]error {
	t.Helper()
	fields := atlasError(400, "VALIDATION_ERROR", "bad request")
	fields.Fields = []atlas.FieldError{{Field: "region", Description: "is unknown"}}
	limited := atlasError(429, "RATE_LIMITED", "")
	limited.RetryAfter = 20 * time.Second
	return map[string]error{
		"in use": errInUse, "refused": errInvalid, "away": errUnavailable,
		"fields refused": fields, "rate limited": limited, "no answer": noAnswer(t),
		"unauthorized": atlasError(401, "UNEXPECTED_ERROR", ""), "forbidden": atlasError(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "no access"),
		"project missing": atlasError(404, "GROUP_NOT_FOUND", ""), "workspace missing": atlasError(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", ""),
		"404 of a proxy": atlasError(404, "", ""), "deploying": atlasError(409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING", ""),
		"exists": errExists, "gone": atlasError(410, "VERSION_GONE", ""),
	}
}

// drifts is a ready link whose object somebody changed.
func drifts(w *world) {
	w.ready()
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
}

func isDeleted(w *world) {
	w.ready()
	if err := w.kube.Delete(w.t.Context(), w.link()); err != nil {
		w.t.Fatal(err)
	}
}

// hasVanished is a ready link whose object somebody deleted.
func hasVanished(w *world) { w.ready(); clear(w.objects) }

func changes(w *world) {
	drifts(w)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Generation++ })
}

// TestConditionsDoNotFlap: while Atlas does not take a request, or does not let itself be read, trying it again and
// again changes nothing that people and tools see, whatever the class of the failure.
func TestConditionsDoNotFlap(t *testing.T) {
	skipUnderRaceDetector(t)
	failures := failures(t)
	for name, c := range map[string]struct {
		fails string
		begin func(w *world)
	}{
		"creation":         {"create", func(*world) {}},
		"drift":            {"update", drifts},
		"new generation":   {"update", changes},
		"deletion":         {"delete", isDeleted},
		"list, new":        {"list", func(*world) {}},
		"list, ready":      {"list", (*world).ready},
		"list, deletion":   {"list", isDeleted},
		"get, lost":        {"get", hasVanished},
		"get, new drift":   {"get", drifts},
		"creation, again":  {"create", hasVanished},
		"list, generation": {"list", changes},
	} {
		for how, err := range failures {
			t.Run(name+", "+how, func(t *testing.T) {
				w := newWorld(t)
				c.begin(w)
				seen := w.recordWrites()
				w.fail = failing(c.fails, err)
				w.settleFor(time.Hour)
				expectNoFlapping(t, seen)
			})
		}
	}
}

// Atlas rarely fails twice in the same way: what is told of an outage is told once.
func TestConditionsDoNotFlapInAnOutageOfManyKinds(t *testing.T) {
	skipUnderRaceDetector(t)
	outages := []error{errUnavailable, atlasError(500, "UNEXPECTED_ERROR", ""), noAnswer(t), atlasError(504, "", ""), atlasError(408, "", "")}
	for name, c := range map[string]struct {
		fails string
		begin func(w *world)
	}{
		"creation": {"create", func(*world) {}},
		"drift":    {"update", drifts},
		"deletion": {"delete", isDeleted},
		"new":      {"list", func(*world) {}},
		"ready":    {"list", (*world).ready},
		"lost":     {"get", hasVanished},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.begin(w)
			seen := w.recordWrites()
			next := 0
			w.fail = func(call string, done bool) error {
				if call != c.fails || done {
					return nil
				}
				next++
				return outages[next%len(outages)]
			}
			w.settleFor(2 * time.Hour)
			expectNoFlapping(t, seen)
		})
	}
}

// TestConditionsDoNotFlapWhileSomebodyHasToAct: what waits for people looks the same from reconciliation to
// reconciliation.
func TestConditionsDoNotFlapWhileSomebodyHasToAct(t *testing.T) {
	skipUnderRaceDetector(t)
	put := func(w *world, views ...decision.RemoteObject) {
		for _, v := range views {
			w.objects[v.ID] = &v
		}
	}
	spec := func(w *world, change func(*v1alpha1.StreamPrivateLinkSpec)) {
		w.edit(func(l *v1alpha1.StreamPrivateLink) { change(&l.Spec) })
	}
	gate := func(reason string, stalled bool) *decision.Blocker {
		return &decision.Blocker{Effect: decision.Missing, Reason: reason, Message: "wait for it", Stalled: stalled, Watched: true}
	}
	for name, c := range map[string]struct {
		begin func(w *world)
		want  string // of Ready
	}{
		v1alpha1.ReasonFailed:       {func(w *world) { w.ready(); w.objects["made1"].State = "FAILED" }, "False Failed"},
		v1alpha1.ReasonUnknownState: {func(w *world) { w.ready(); w.objects["made1"].State = "RESTING" }, "False UnknownState"},
		v1alpha1.ReasonIdle:         {func(w *world) { w.ready(); w.objects["made1"].State = "IDLE" }, "False Idle"},
		v1alpha1.ReasonConflict:     {func(w *world) { put(w, conflicting("a")) }, "False Conflict"},
		v1alpha1.ReasonAmbiguous:    {func(w *world) { put(w, matching("a"), matching("b")) }, "False Ambiguous"},
		v1alpha1.ReasonAlreadyExists: {func(w *world) {
			put(w, matching("a"))
			spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.AdoptionPolicy = v1alpha1.AdoptNever })
		}, "False AlreadyExists"},
		v1alpha1.ReasonAlreadyManaged: {func(w *world) {
			earlier := worldLink("earlier")
			if err := w.kube.Create(w.t.Context(), earlier); err != nil {
				w.t.Fatal(err)
			}
			whichHasRead(earlier)
			if err := w.kube.Status().Update(w.t.Context(), earlier); err != nil {
				w.t.Fatal(err)
			}
		}, "False AlreadyManaged"},
		v1alpha1.ReasonImportNotFound: {func(w *world) { spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.ImportID = "a" }) }, "False ImportNotFound"},
		v1alpha1.ReasonRecreateRequired: {func(w *world) {
			w.ready()
			w.objects["made1"].Differences = []decision.Difference{{Path: "arn", Fixed: true}, {Path: "dnsDomain"}}
		}, "False RecreateRequired"},
		v1alpha1.ReasonNotFound: {func(w *world) {
			hasVanished(w)
			spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.DriftPolicy = v1alpha1.Report })
		}, "False NotFound"},
		"observed and absent": {func(w *world) {
			spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.ManagementPolicy = v1alpha1.Observe })
		}, "False NotFound"},
		"a PATCH that changes nothing": {func(w *world) {
			drifts(w)
			w.fail = func(string, bool) error {
				w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
				return nil
			}
		}, "True Done"},
		"drift that is only reported": {func(w *world) {
			drifts(w)
			spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.DriftPolicy = v1alpha1.Report })
		}, "True Done"},
		v1alpha1.ReasonLinkNotReady:      {func(w *world) { w.prepared.Gate = gate(v1alpha1.ReasonLinkNotReady, false) }, "False LinkNotReady"},
		v1alpha1.ReasonDependencyStalled: {func(w *world) { w.prepared.Gate = gate(v1alpha1.ReasonDependencyStalled, true) }, "False DependencyStalled"},
		v1alpha1.ReasonKeyMissing:        {func(w *world) { w.prepared.SecretGate = gate(v1alpha1.ReasonKeyMissing, false) }, "False KeyMissing"},
		"a Secret missing, drift":        {func(w *world) { drifts(w); w.prepared.SecretGate = gate(v1alpha1.ReasonSecretNotFound, false) }, "True Done"},
		"credentials missing":            {func(w *world) { spec(w, func(s *v1alpha1.StreamPrivateLinkSpec) { s.CredentialsRef.Name = "none" }) }, "False SecretNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.begin(w)
			seen := w.recordWrites()
			w.settleFor(time.Hour)
			NewWithT(t).Expect(w.shows(v1alpha1.ConditionReady)).To(Equal(c.want))
			expectNoFlapping(t, seen)
			before := maps.Clone(seen)
			w.settleFor(time.Hour)
			NewWithT(t).Expect(seen).To(Equal(before))
		})
	}
}

// matching is an object that is what the spec describes, conflicting one that differs and can be changed.
func matching(id string) decision.RemoteObject {
	return decision.RemoteObject{ID: id, States: linkStates, State: "DONE"}
}

func conflicting(id string) decision.RemoteObject {
	found := matching(id)
	found.Differences = []decision.Difference{{Path: "dnsDomain"}}
	return found
}
