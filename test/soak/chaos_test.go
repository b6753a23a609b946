package soak_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/internal/testenv/secrecy"
)

// killer runs the manager, kills it without warning, and starts the next one.
type killer struct {
	*stage
	program string
	dice    *rand.Rand

	stop    chan struct{}
	ended   sync.WaitGroup
	kills   atomic.Int64 // reported while it goes on
	manager *testenv.Process
	lines   int
}

// startKiller starts the first manager and begins to kill.
func (s *stage) startKiller(seed uint64) *killer {
	s.t.Helper()
	k := &killer{stage: s, program: s.build(), dice: rand.New(rand.NewPCG(seed, 1)), stop: make(chan struct{})}
	k.start()
	k.ended.Go(k.run)
	s.t.Cleanup(k.end)
	return k
}

func (k *killer) start() {
	manager, err := k.startManager(fmt.Sprintf("manager-%d", k.kills.Load()), k.program)
	if err != nil {
		k.t.Errorf("start the manager: %v", err)
		return
	}
	k.manager = manager
}

// life is how long a manager runs: mostly not for long enough to begin with, now and then until claims have settled.
func (k *killer) life() time.Duration {
	if k.dice.IntN(5) > 0 {
		return 300*time.Millisecond + time.Duration(k.dice.Int64N(int64(1200*time.Millisecond)))
	}
	return time.Second + time.Duration(k.dice.Int64N(int64(8*time.Second)))
}

func (k *killer) run() {
	for {
		select {
		case <-k.stop:
			return
		case <-k.manager.Done():
			k.t.Errorf("the manager ended by itself: %v", k.manager.Failure())
			return
		case <-time.After(k.life()):
		}
		k.manager.Kill()
		k.searchLog(k.manager)
		k.kills.Add(1)
		k.start()
	}
}

// end stops killing; the manager goes on.
func (k *killer) end() {
	select {
	case <-k.stop:
	default:
		close(k.stop)
	}
	k.ended.Wait()
}

// searchLog looks for secrets in what a manager printed, and throws it away.
func (k *killer) searchLog(manager *testenv.Process) {
	log, err := os.ReadFile(manager.LogPath)
	if err != nil {
		k.t.Errorf("read the log of a manager: %v", err)
	}
	for line := range bytes.Lines(log) {
		k.lines++
		if found := secrecy.Find(line, planted); len(found) > 0 {
			k.t.Errorf("a secret in the log of the manager, line %d: %v", k.lines, found)
		}
	}
	_ = os.Remove(manager.LogPath)
}

// interferer takes finalizers away, as `kubectl replace` does, and edits labels.
type interferer struct {
	*stage
	dice  *rand.Rand
	stop  chan struct{}
	ended sync.WaitGroup
	count int
}

func (s *stage) startInterferer(seed uint64) *interferer {
	i := &interferer{stage: s, dice: rand.New(rand.NewPCG(seed, 2)), stop: make(chan struct{})}
	i.ended.Go(i.run)
	s.t.Cleanup(i.end)
	return i
}

func (i *interferer) run() {
	all := i.resources()
	const noFinalizers, newLabel = `{"metadata":{"finalizers":[]}}`, `{"metadata":{"labels":{"n":"%d"}}}`
	patches := []string{noFinalizers, noFinalizers, newLabel}
	for {
		select {
		case <-i.stop:
			return
		case <-time.After(200 * time.Millisecond):
		}
		object := all[i.dice.IntN(len(all))].DeepCopyObject().(client.Object)
		patch := strings.ReplaceAll(patches[i.dice.IntN(len(patches))], "%d", strconv.Itoa(i.count))
		err := i.Kube.Patch(i.t.Context(), object, client.RawPatch(types.MergePatchType, []byte(patch)))
		if err != nil && !apierrors.IsNotFound(err) && i.t.Context().Err() == nil {
			i.t.Errorf("interfere with %s: %v", object.GetName(), err)
		}
		i.count++
	}
}

// end stops it and waits until what it took is back: who deletes a resource without its finalizer deletes nothing in
// Atlas.
func (i *interferer) end() {
	select {
	case <-i.stop:
		return
	default:
		close(i.stop)
	}
	i.ended.Wait()
	for _, object := range i.resources() {
		i.Eventually(func() []string {
			i.Reload(object)
			return object.GetFinalizers()
		}).WithTimeout(patience).WithPolling(polling).ShouldNot(BeEmpty(), "the finalizer of %s", object.GetName())
	}
}
