package crash_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// lost are the ways in which the answer to a POST does not arrive.
var lost = []struct {
	name  string
	fault atlastest.Fault
	plain bool // in a plain run too
}{
	{"504 after the commit", atlastest.Fault{Status: 504, AfterCommit: true}, true},
	{"500 after the commit", atlastest.Fault{Status: 500, AfterCommit: true}, false},
	{"cut after the commit", atlastest.Fault{DropAfter: true}, false},
	{"timeout after the commit", atlastest.Fault{AfterCommit: true, Hang: true}, false},
	{"timeout before the commit", atlastest.Fault{Delay: 1300 * time.Millisecond}, false},
	{"503 and no commit", atlastest.Fault{Status: 503}, false},
	{"cut before the commit", atlastest.Fault{DropBefore: true}, false},
}

// The answer to a POST is lost, and while the manager waits to be certain what became of it, it is killed.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range lost {
		if !everything && !c.plain {
			continue
		}
		t.Run("link: "+c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.loseAnswer(c.fault, atlastest.OpCreatePrivateLink, "GET links since POST link #1", s.link)
			s.Expect(s.atlas.PrivateLinks(project)).To(ConsistOf(HaveField("ID", s.link.Status.ID)))
			s.finish(1, 0)
		})
		t.Run("connection: "+c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			r := s.loseAnswer(c.fault, atlastest.OpCreateConnection, "GET connections since POST connection #1", s.connection)
			s.expectPassword(password)
			s.deleteIfThere(s.connection)
			s.awaitNoTrace(s.connection)
			s.Expect(s.atlas.Count(atlastest.OpCreateConnection)).To(BeNumerically("<=", 2))
			r.stop()
			s.expectNoSecrets()
		})
	}
}

// loseAnswer makes a resource whose POST meets the fault, and kills the manager at its first look after that.
func (s *stage) loseAnswer(fault atlastest.Fault, post atlastest.Operation, look string, made v1alpha1.Managed) *replica {
	s.t.Helper()
	fault.Operation, fault.Times = post, 1
	s.atlas.Inject(fault)
	r := s.replica()
	r.gate.begin(&trap{label: look, act: r.crashBefore})
	r.start()
	s.Create(made)
	s.awaitSynced(made)
	s.Expect(r.gate.isSprung()).To(BeTrue())
	r.gate.end()
	return r
}

// crashBefore is the act of a trap: the call does not arrive.
func (r *replica) crashBefore(func()) bool {
	r.crash()
	return false
}

// finish deletes everything, counts what was ever made, and stops the manager of the first replica that runs.
func (s *stage) finish(links, connections int) {
	s.t.Helper()
	s.expectNoSecretShown()
	s.deleteIfThere(s.connection, s.link)
	s.awaitNoTrace(s.connection, s.link)
	s.expectEver(links, connections)
	for _, r := range s.replicas {
		if r.running() {
			r.stop()
		}
	}
	s.expectNoSecrets()
}

// A POST that is still on its way when the manager dies is carried out after the next one has looked for it in vain.
func TestCommitAfterTheCrash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		post, look    string
		link          bool
		untilTheyLook bool
	}{
		{name: "link, at once", post: "POST link #1", link: true},
		{name: "link, after the next look", post: "POST link #1", look: "GET links since POST link #1", link: true, untilTheyLook: true},
		{name: "connection, at once", post: "POST connection #1"},
		{name: "connection, after the next look", post: "POST connection #1", look: "GET connections since POST connection #1", untilTheyLook: true},
	} {
		if !everything && (!c.link || !c.untilTheyLook) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			// Long enough for another manager to start before all is settled, on a busy machine too.
			r := s.replica("--atlas-request-timeout=3s")
			r.gate.begin(&trap{label: c.post, act: func(forward func()) bool {
				r.crash()
				if c.untilTheyLook {
					if err := r.gate.await(s.within(), c.look); err != nil {
						t.Error(err)
					}
				}
				forward()
				return false
			}})
			r.start()
			if c.link {
				s.Create(s.link)
				s.awaitSynced(s.link)
				r.gate.end()
				s.finish(1, 0)
			} else {
				s.Create(s.connection)
				s.awaitSynced(s.connection)
				r.gate.end()
				s.expectPassword(password)
				s.finish(0, 1)
			}
		})
	}
}

// A graceful stop waits for the answer to a POST, writes the id down, and gives the token back.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, operation := range []atlastest.Operation{atlastest.OpCreatePrivateLink, atlastest.OpCreateConnection} {
		s.atlas.Inject(atlastest.Fault{Operation: operation, Times: 1, Delay: 600 * time.Millisecond})
	}
	r := s.replica("--atlas-request-timeout=4s") // a busy machine must not turn the delay into a timeout
	r.gate.begin(nil)
	r.start()
	s.Create(s.link, s.connection)
	for _, label := range []string{"POST link #1", "POST connection #1"} {
		s.Expect(r.gate.await(s.within(), label)).To(Succeed())
	}
	r.stop()
	s.Reload(s.link, s.connection)
	s.Expect(s.atlas.PrivateLinks(project)).To(ConsistOf(HaveField("ID", s.link.Status.ID)))
	s.Expect(s.atlas.Connections(project, workspace)).To(ConsistOf(HaveField("ID", s.connection.Status.ID)))
	s.Expect(s.atlas.LiveTokens(atlastest.DefaultClientID)).To(BeZero(), "tokens that were not given back")
	r.start()
	s.awaitSynced(s.link, s.connection)
	s.finish(1, 1)
}
