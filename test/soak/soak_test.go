// Package soak_test runs the real manager, a process of its own that is killed again and again, against a simulator of
// Atlas in which an adversary treats one call in five badly, with many links and connections at a time, while people take
// finalizers away and another team tries to block them and to take what is not its own: it makes them all, deletes them
// all, and counts.
//
// It runs when it is asked for: SOAK=small makes 20 links and 20 connections once, SOAK=full 40 of each, again and again
// until there were 1,000 kills (SOAK_KILLS) and 10,000 faults. SOAK_SEED repeats the dice of an earlier run; the order in
// which calls meet them is the machine's.
package soak_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// patience is how long each half may take. It bounds failures only.
const patience = 15 * time.Minute

// polling is how often the watcher is asked how far things are.
const polling = 100 * time.Millisecond

// badly is the part of all calls that something goes wrong with.
const badly = 0.20

// size is how many resources there are of each kind, and how many kills and faults have to be reached. A soak depends on
// what the dice say and on how busy the machine is, so it runs only when it is asked for.
func size(t *testing.T) (resources, kills, faults int) {
	t.Helper()
	switch os.Getenv("SOAK") {
	case "full":
		resources, kills, faults = 40, 1000, 10_000
	case "small":
		resources = 20
	default:
		t.Skip("set SOAK=small or SOAK=full, or run `make soak`")
	}
	if given, err := strconv.Atoi(os.Getenv("SOAK_KILLS")); err == nil {
		kills, faults = given, 10*given
	}
	return resources, kills, faults
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
	n, kills, faults := size(t)
	seed := seed(t)
	t.Logf("SOAK_SEED=%d: %d links and %d connections a round", seed, n, n)
	s := newStage(t, n)
	s.putForeign()
	adversary := atlastest.NewAdversary(s.atlas, atlastest.AdversaryOptions{Seed: seed, Rate: badly, MaxHole: maxHole, MaxDelay: maxDelay})
	killer := s.startKiller(seed)
	for began := time.Now(); ; {
		s.round(seed)
		t.Logf("round %d after %s: %d kills, %d faults", s.rounds, time.Since(began).Round(time.Second), killer.kills.Load(), sum(adversary.Counts()))
		if int(killer.kills.Load()) >= kills && sum(adversary.Counts()) >= faults {
			break
		}
	}
	killer.end()
	adversary.Stop()

	s.Expect(killer.manager.Failure()).To(Succeed())
	s.expectNoSecretMeasured()
	s.Expect(killer.manager.Stop()).To(Succeed())
	killer.searchLog(killer.manager)
	s.expectNoSecretsInEvents()
	s.report(killer, adversary)
}

// round makes all resources and deletes them.
func (s *stage) round(seed uint64) {
	s.t.Helper()
	s.prepare()
	s.block()
	s.Create(s.resources()...)
	interferer := s.startInterferer(seed + uint64(s.rounds))
	s.awaitAllReady()
	interferer.end()
	s.interferences += interferer.count
	s.expectEach()
	s.take()
	s.spy()
	s.Delete(s.resources()...)
	s.awaitAllGone()
	s.dismiss()
	s.expectNothingLeft()
}

func (s *stage) report(k *killer, a *atlastest.Adversary) {
	counts := a.Counts()
	lines := make([]string, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%6d %s", counts[name], name))
	}
	s.t.Logf("%d kills, %d faults, %d interferences, %d objects made, %d doubled, %d orphaned, %d foreign ones touched\n%s",
		k.kills.Load(), sum(counts), s.interferences, s.made, s.doubled, s.orphaned, s.touched, strings.Join(lines, "\n"))
	s.Expect([]int{s.doubled, s.orphaned, s.touched}).To(Equal([]int{0, 0, 0}), "doubled, orphaned, foreign ones touched")
}

func sum(counts map[string]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}
