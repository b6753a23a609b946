package wait_test

import (
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
)

const (
	inProgress  = status.InProgressStatus
	current     = status.CurrentStatus
	failed      = status.FailedStatus
	terminating = status.TerminatingStatus
)

// A tool that waits must neither stop too early (Current before Atlas says so) nor give up (Failed) in a good life.
func TestGoodLife(t *testing.T) {
	t.Parallel()
	s := newStage(t, atlastest.WithManualClock(time.Now()), atlastest.WithDurations(atlastest.Durations{
		Working: 10 * time.Minute, Pending: time.Minute, Deleting: time.Minute,
	}))
	seen := s.watch()
	link, connection := s.link("way"), s.kafka("orders", "way")
	s.Create(link, connection)
	seen.await("way", inProgress)
	seen.await("orders", inProgress)
	s.Expect(seen.message("way")).To(ContainSubstring("-1"), "nobody has looked yet")

	s.startManager()
	s.Await(link, v1alpha1.ConditionReady, "False Working")
	s.Await(connection, v1alpha1.ConditionReady, "False LinkNotReady")
	s.Expect(seen.history("way")).To(Equal([]status.Status{inProgress}))
	s.Expect(seen.history("orders")).To(Equal([]status.Status{inProgress}))

	s.atlas.Advance(10 * time.Minute)
	seen.await("way", inProgress, current)
	s.Await(connection, v1alpha1.ConditionReady, "False Pending")
	s.Expect(seen.history("orders")).To(Equal([]status.Status{inProgress}))
	s.atlas.Advance(time.Minute)
	seen.await("orders", inProgress, current)

	s.Delete(link, connection)
	seen.await("way", inProgress, current, terminating)
	seen.await("orders", inProgress, current, terminating)
	s.Await(link, v1alpha1.ConditionReady, "False InUse")
	s.Await(connection, v1alpha1.ConditionReady, "False Deleting") // Atlas has the DELETE: its minute begins
	s.atlas.Advance(time.Minute)
	s.AwaitGone(connection)
	s.Await(link, v1alpha1.ConditionReady, "False Deleting")
	s.atlas.Advance(time.Minute)
	s.AwaitGone(link)
	s.ExpectNoOrphans(s.atlas)
}

// Paused and Report are what somebody asked for: nothing is left to wait for.
func TestPausedAndReportedDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	seen := s.watch()
	s.startManager()
	paused, reported := s.https("paused"), s.https("reported")
	reported.Spec.DriftPolicy = v1alpha1.Report
	s.Create(paused, reported)
	seen.await("paused", inProgress, current)
	seen.await("reported", inProgress, current)

	kubetest.Edit(s.Client, paused, func(c *v1alpha1.StreamConnection) { c.Spec.ManagementPolicy = v1alpha1.Paused })
	s.Await(paused, v1alpha1.ConditionSynced, "Unknown Paused")
	seen.await("paused", inProgress, current, inProgress, current) // an edit is to be seen first

	s.atlas.EditConnection(project, workspace, "reported", func(fields map[string]any) { fields["url"] = "https://elsewhere.example.com" })
	s.Await(reported, v1alpha1.ConditionSynced, "False Drifted")
	s.Expect(seen.history("reported")).To(Equal([]status.Status{inProgress, current}))
}

// Failed makes tools give up at once. It comes where somebody has to act, on what waits for that too, and it goes.
func TestFailedLink(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.atlas.FailNextPrivateLink(project, "the endpoint service refused the connection")
	seen := s.watch()
	s.startManager()
	link, connection := s.link("way"), s.kafka("orders", "way")
	s.Create(link, connection)
	seen.await("way", inProgress, failed)
	seen.await("orders", inProgress, failed)
	s.Expect(seen.message("way")).To(ContainSubstring("the endpoint service refused the connection"))
	s.Expect(seen.message("orders")).To(ContainSubstring("StreamPrivateLink way is stalled"))
	s.Await(link, v1alpha1.ConditionStalled, "True Failed")
	s.Await(connection, v1alpha1.ConditionStalled, "True DependencyStalled")
	s.Expect(s.atlas.Count(atlastest.OpCreateConnection)).To(BeZero())

	s.Expect(s.atlas.SetPrivateLinkState(link.Status.ID, atlastest.StateDone, "")).To(BeTrue())
	s.Await(link, v1alpha1.ConditionReady, "True Done")
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	seen.await("way", inProgress, failed, current)
	seen.await("orders", inProgress, failed, inProgress, current)
}

// A request that Atlas refuses because of its fields is Failed; one refused for the state of the world is waited for.
func TestRejected(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refuse := func(name string, fields ...atlastest.FieldError) {
		s.atlas.Inject(atlastest.Fault{
			Operation: atlastest.OpCreatePrivateLink, Times: 1,
			Status: 400, ErrorCode: "VALIDATION_ERROR", Detail: name + " is refused", Fields: fields,
		})
	}
	seen := s.watch()
	s.startManager()

	refuse("wrong", atlastest.FieldError{Field: "dnsDomain", Description: "is not a domain"})
	wrong := s.link("wrong")
	s.Create(wrong)
	s.Await(wrong, v1alpha1.ConditionStalled, "True Rejected")
	seen.await("wrong", inProgress, failed)
	s.Expect(seen.message("wrong")).To(And(ContainSubstring("VALIDATION_ERROR"), ContainSubstring("dnsDomain")))

	refuse("early")
	early := s.link("early")
	s.Create(early)
	s.Await(early, v1alpha1.ConditionReady, "False Rejected", ContainSubstring("early is refused"))
	s.Consistently(func() []status.Status { return seen.history("early") }).Should(Equal([]status.Status{inProgress}))
}
