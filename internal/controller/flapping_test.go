package controller

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// recordWrites collects the values that each condition takes from now on, each change once.
func (w *world) recordWrites() map[string][]string {
	seen := map[string][]string{}
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionReconciling, v1alpha1.ConditionSynced, v1alpha1.ConditionStalled} {
		seen[kind] = []string{w.shows(kind)}
	}
	w.statusWrite = func(write func() error) error {
		err := write()
		for kind, values := range seen {
			if now := w.shows(kind); now != values[len(values)-1] {
				seen[kind] = append(values, now)
			}
		}
		return err
	}
	return seen
}

// TestConditionsDoNotFlap: while Atlas does not take a request, trying it again and again changes nothing that people
// and tools see.
func TestConditionsDoNotFlap(t *testing.T) {
	drift := func(w *world) {
		w.ready()
		w.objects["made1"].differences = []difference{{path: "dnsDomain"}}
	}
	for name, c := range map[string]struct {
		refuses string
		begin   func(w *world)
	}{
		"creation": {"create", func(*world) {}},
		"drift":    {"update", drift},
		"new generation": {"update", func(w *world) {
			drift(w)
			w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Generation++ })
		}},
		"deletion": {"delete", func(w *world) {
			w.ready()
			if err := w.kube.Delete(w.t.Context(), w.link()); err != nil {
				w.t.Fatal(err)
			}
		}},
	} {
		for how, err := range map[string]error{"in use": errInUse, "refused": errInvalid, "away": errUnavailable} {
			t.Run(name+", "+how, func(t *testing.T) {
				w := newWorld(t)
				c.begin(w)
				seen := w.recordWrites()
				w.fail = failing(c.refuses, err)
				w.settleFor(time.Hour)
				for kind, values := range seen {
					NewWithT(t).Expect(len(values)).To(BeNumerically("<=", 4), "%s: %v", kind, values)
				}
			})
		}
	}
}
