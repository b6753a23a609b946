package gitops_test

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
	healthy     = "Healthy"
	progressing = "Progressing"
	degraded    = "Degraded"
	suspended   = "Suspended"

	inProgress  = status.InProgressStatus
	current     = status.CurrentStatus
	failed      = status.FailedStatus
	terminating = status.TerminatingStatus

	notLooked = "The operator has not looked at this generation yet."
)

// expectHealth lets Argo CD, kstatus and Flux judge a resource as it is now. The message of Argo CD is that of Ready,
// where Ready is about this generation.
func (s *stage) expectHealth(r v1alpha1.Managed, argo, message string, byKstatus, byFlux status.Status) {
	s.t.Helper()
	object := s.recorded(r)
	health, err := judgeByArgo(s.t.Context(), object)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(health.status).To(Equal(argo), "Argo CD, of %v", object.Object["status"])
	s.Expect(health.message).To(ContainSubstring(message))
	if ready := readyMessage(r); health.message != notLooked && ready != "" {
		s.Expect(health.message).To(Equal(ready))
	}
	result, err := status.Compute(object)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(result.Status).To(Equal(byKstatus), "kstatus, of %v", object.Object["status"])
	verdict, err := judgeByFlux(s.t.Context(), object)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(verdict).To(Equal(byFlux), "Flux, of %v", object.Object["status"])
}

func readyMessage(r v1alpha1.Managed) string {
	for _, c := range r.GetObservedStatus().Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Message
		}
	}
	return ""
}

func TestHealthOfAGoodLife(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	link, connection, service, early := s.link("way"), s.kafka("orders", "way"), s.service("clusters"), s.https("early")
	early.Spec.CredentialsRef.Name = "later"
	s.Create(link, connection, service, early)
	for _, r := range []v1alpha1.Managed{link, connection, service, early} {
		s.expectHealth(r, progressing, notLooked, inProgress, inProgress)
	}

	stop := s.startManager()
	s.Await(early, v1alpha1.ConditionReady, "False SecretNotFound")
	s.expectHealth(early, progressing, "later", inProgress, inProgress)
	s.createPassword()
	s.Await(link, v1alpha1.ConditionReady, "False Working")
	s.expectHealth(link, progressing, "state=WORKING", inProgress, inProgress)
	s.Await(connection, v1alpha1.ConditionReady, "False LinkNotReady")
	s.expectHealth(connection, progressing, "way", inProgress, inProgress)
	s.Await(service, v1alpha1.ConditionReady, "False NotFound")
	s.expectHealth(service, progressing, "", inProgress, inProgress)
	id := s.atlas.PutPrivateEndpointService(project, "AWS", map[string]any{"regionName": "us-east-1"}, atlastest.StateInitiating)
	s.Await(service, v1alpha1.ConditionReady, "False Initiating")
	s.expectHealth(service, progressing, "state=INITIATING", inProgress, inProgress)

	s.atlas.SetPrivateEndpointServiceStatus(id, atlastest.StateAvailable, "")
	s.Await(service, v1alpha1.ConditionReady, "True Available")
	s.expectHealth(service, healthy, "state=AVAILABLE", current, current)
	s.atlas.Advance(10 * time.Minute)
	s.Await(link, v1alpha1.ConditionReady, "True Done")
	s.expectHealth(link, healthy, "state=DONE interfaceEndpointId=vpce-", current, current)
	s.Await(connection, v1alpha1.ConditionReady, "False Pending")
	s.expectHealth(connection, progressing, "state=PENDING", inProgress, inProgress)
	s.atlas.Advance(time.Minute)
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")
	s.expectHealth(connection, healthy, "state=READY", current, current)

	stop()
	kubetest.Edit(s.Client, connection, func(c *v1alpha1.StreamConnection) {
		c.Spec.Kafka.BootstrapServers = "lkc-2.us-east-1.aws.confluent.cloud:9092"
	})
	s.expectHealth(connection, progressing, notLooked, inProgress, inProgress)

	s.Delete(link, connection)
	s.startManager()
	s.Await(link, v1alpha1.ConditionReady, "False InUse")
	s.expectHealth(link, progressing, "orders", terminating, inProgress)
	s.Await(connection, v1alpha1.ConditionReady, "False Deleting")
	s.expectHealth(connection, progressing, "", terminating, inProgress)
	s.atlas.Advance(time.Minute)
	s.Await(link, v1alpha1.ConditionReady, "False Deleting")
	s.expectHealth(link, progressing, "is being deleted in Atlas", terminating, inProgress)
}

func TestHealthOfFailures(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.atlas.FailNextPrivateLink(project, "the endpoint service refused the connection")
	id := s.atlas.PutPrivateEndpointService(project, "AWS", map[string]any{"regionName": "us-east-1"}, atlastest.StateAvailable)
	s.atlas.SetPrivateEndpointServiceStatus(id, atlastest.StateFailed, "no capacity")
	s.createPassword()
	s.startManager()
	link, connection, service := s.link("way"), s.kafka("orders", "way"), s.service("clusters")
	s.Create(link, connection, service)
	s.Await(link, v1alpha1.ConditionReady, "False Working")
	s.atlas.Advance(10 * time.Minute)
	s.Await(link, v1alpha1.ConditionReady, "False Failed")
	s.expectHealth(link, degraded, "the endpoint service refused the connection", failed, failed)
	s.Await(connection, v1alpha1.ConditionReady, "False DependencyStalled")
	s.expectHealth(connection, degraded, "way", failed, failed)
	s.Await(service, v1alpha1.ConditionReady, "False Failed")
	s.expectHealth(service, degraded, "no capacity", failed, failed)
}

// A pause is nobody's failure: not before the resource was ever looked at, nor later, nor of one that failed. The end of
// one is waited for by nobody; a deletion is.
func TestHealthOfPauses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	fresh, later := s.https("fresh"), s.https("later")
	fresh.Spec.ManagementPolicy = v1alpha1.Paused
	s.Create(fresh, later)
	s.Await(fresh, v1alpha1.ConditionSynced, "Unknown Paused")
	s.expectHealth(fresh, suspended, "Paused", inProgress, current)
	s.Await(later, v1alpha1.ConditionReady, "True Ready")

	kubetest.Edit(s.Client, later, func(c *v1alpha1.StreamConnection) { c.Spec.ManagementPolicy = v1alpha1.Paused })
	s.Await(later, v1alpha1.ConditionSynced, "Unknown Paused")
	s.expectHealth(later, suspended, "state=READY", current, current)

	s.Delete(later)
	s.Await(later, v1alpha1.ConditionReady, "False Paused")
	s.expectHealth(later, progressing, "Paused", terminating, inProgress)

	kubetest.Edit(s.Client, fresh, func(c *v1alpha1.StreamConnection) { c.Spec.ManagementPolicy = v1alpha1.Manage })
	s.Await(fresh, v1alpha1.ConditionReady, "True Ready")
	s.expectHealth(fresh, healthy, "state=READY", current, current)
}

// Report tells of drift and leaves it at that. What is missing in Atlas is not healthy all the same.
func TestHealthOfReportedDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	drifted, missing := s.https("drifted"), s.https("missing")
	for _, c := range []*v1alpha1.StreamConnection{drifted, missing} {
		c.Spec.DriftPolicy = v1alpha1.Report
		s.Create(c)
		s.Await(c, v1alpha1.ConditionReady, "True Ready")
	}
	s.atlas.EditConnection(project, workspace, "drifted", func(fields map[string]any) { fields["url"] = "https://elsewhere.example.com" })
	s.Await(drifted, v1alpha1.ConditionSynced, "False Drifted")
	s.expectHealth(drifted, healthy, "state=READY", current, current)
	s.atlas.DeleteConnectionNow(project, workspace, "missing")
	s.Await(missing, v1alpha1.ConditionReady, "False NotFound")
	s.expectHealth(missing, degraded, "", inProgress, inProgress)
}

func TestHealthOfObservers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	s.atlas.PutConnection(project, workspace, map[string]any{"name": "there", "type": "Https", "url": "https://example.com/there"})
	there, absent := s.https("there"), s.https("absent")
	for _, c := range []*v1alpha1.StreamConnection{there, absent} {
		c.Spec.ManagementPolicy = v1alpha1.Observe
		s.Create(c)
	}
	s.Await(there, v1alpha1.ConditionReady, "True Ready")
	s.expectHealth(there, healthy, "state=READY", current, current)
	s.Await(absent, v1alpha1.ConditionReady, "False NotFound")
	s.expectHealth(absent, progressing, "", inProgress, inProgress)
}
