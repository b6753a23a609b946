// Package soak_test runs the real manager, a process of its own, against a simulator of Atlas that treats one call in
// five badly, with many links and connections at a time: it makes them all, then deletes them all, and counts.
//
// It runs when it is asked for: SOAK=small makes 20 links and 20 connections, SOAK=full 200 of each. SOAK_SEED repeats
// the dice of an earlier run; the order in which calls meet them is the machine's.
package soak_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// patience is how long each half may take. It bounds failures only.
const patience = 15 * time.Minute

// polling is how often the watcher is asked how far things are.
const polling = 100 * time.Millisecond

// size is how many resources there are of each kind: SOAK=small or SOAK=full. A soak depends on what the dice say and on
// how busy the machine is, so it runs only when it is asked for.
func size(t *testing.T) int {
	t.Helper()
	switch os.Getenv("SOAK") {
	case "full":
		return 200
	case "small":
		return 20
	default:
		t.Skip("set SOAK=small or SOAK=full, or run `make soak`")
		return 0
	}
}

func seed(t *testing.T) uint64 {
	t.Helper()
	given := os.Getenv("SOAK_SEED")
	if given == "" {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		t.Fatalf("SOAK_SEED: %v", err)
	}
	return seed
}

func TestSoak(t *testing.T) {
	n, seed := size(t), seed(t)
	t.Logf("SOAK_SEED=%d: %d links and %d connections", seed, n, n)
	s := newStage(t, n)
	faults := injectFaults(s.atlas, seed)
	manager := s.startManager()

	began := time.Now()
	s.Create(s.resources()...)
	s.awaitAllReady()
	s.expectEach()
	s.expectNoRepairs()
	made := len(s.atlas.Requests())
	t.Logf("all Ready after %s: %d requests, faults: %s", time.Since(began).Round(time.Second), made, faults)
	s.expectFaults(faults)

	began = time.Now()
	creations := s.atlas.Count(atlastest.OpCreatePrivateLink) + s.atlas.Count(atlastest.OpCreateConnection)
	s.Delete(s.resources()...)
	s.awaitAllGone()
	s.expectNothingLeft()
	s.Expect(s.atlas.Count(atlastest.OpCreatePrivateLink)+s.atlas.Count(atlastest.OpCreateConnection)).To(Equal(creations), "created while all was deleted")
	t.Logf("all gone after %s: %d requests, faults in all: %s", time.Since(began).Round(time.Second), len(s.atlas.Requests())-made, faults)

	s.expectNoSecretMeasured()
	s.Expect(manager.Failure()).To(Succeed())
	s.Expect(manager.Stop()).To(Succeed())
	s.expectNoSecrets(manager)
}

// expectFaults makes sure that it was a soak. In many calls each fault is met.
func (s *stage) expectFaults(faults faults) {
	s.t.Helper()
	requests := len(s.atlas.Requests())
	s.Expect(float64(faults.met())/float64(requests)).To(BeNumerically("~", badly, 0.1), "the part of %d requests that met a fault", requests)
	for _, f := range faults {
		s.Expect(requests < 2000 || f.handle.Count() > 0).To(BeTrue(), f.name)
	}
}
