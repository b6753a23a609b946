package crash_test

import (
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

// elected are the flags of one of several replicas. The times are short, and long enough for a busy machine on which
// many managers start at once.
func elected(s *stage) []string {
	return []string{
		"--leader-elect", "--leader-election-namespace=" + s.namespace, "--leader-election-lease-duration=7s",
		"--leader-election-renew-deadline=6s", "--leader-election-retry-period=300ms",
	}
}

// The leader dies in the middle of a creation, and another takes over.
func TestLeaderDies(t *testing.T) {
	t.Parallel()
	for i, p := range []point{
		{side: after, label: "POST link #1"},
		{side: after, label: "PATCH link status #1"},
		{side: before, label: "POST link #1"},
	} {
		if !everything && i > 0 {
			break
		}
		t.Run(string(p.side)+" "+p.label, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			first, second := s.replica(elected(s)...), s.replica(elected(s)...)
			first.gate.begin(&trap{label: p.label, act: func(forward func()) bool {
				second.start()
				if p.side == after {
					forward()
				}
				first.kill()
				return false
			}})
			first.start()
			s.Create(s.link)
			s.awaitSynced(s.link)
			s.finish(1, 0)
		})
	}
}

// The leader's POST is on its way when it dies, and is carried out after the next leader has looked for it in vain.
func TestLeaderDiesBeforeTheCommit(t *testing.T) {
	if !everything {
		t.Skip("only with CRASH_POINTS=all")
	}
	t.Parallel()
	s := newStage(t)
	flags := append(elected(s), "--atlas-request-timeout=5s") // the lease has to run out before all is settled
	first, second := s.replica(flags...), s.replica(flags...)
	second.gate.begin(nil)
	first.gate.begin(&trap{label: "POST link #1", act: func(forward func()) bool {
		second.start()
		first.kill()
		if err := second.gate.await(s.within(), "GET links since the start"); err != nil {
			t.Error(err)
		}
		forward()
		return false
	}})
	first.start()
	s.Create(s.link)
	s.awaitSynced(s.link)
	s.finish(1, 0)
}

// The leader stands still between claim and POST, as when its machine is suspended. When it goes on, long after
// another has taken over and created the object, it must not send what it was about to send.
func TestLeaderStandsStill(t *testing.T) {
	t.Parallel()
	for i, label := range []string{"PATCH link status #1", "PATCH link finalizer #1"} {
		if !everything && i > 0 {
			break
		}
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			first, second := s.replica(elected(s)...), s.replica(elected(s)...)
			second.gate.begin(nil)
			first.gate.begin(&trap{label: label, act: func(forward func()) bool {
				forward()
				first.signal(syscall.SIGSTOP)
				second.start()
				if err := second.gate.await(s.within(), "POST link #1"); err != nil {
					t.Error(err)
				}
				first.signal(syscall.SIGCONT)
				return true
			}})
			first.start()
			s.Create(s.link)
			s.awaitSynced(s.link)
			first.awaitEnd() // it is no longer the leader
			s.Expect(s.atlas.AllPrivateLinks(project)).To(HaveLen(1))
			s.finish(1, 0)
		})
	}
}
