package permissions_test

import (
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// The API groups of the rules.
const (
	streams = "atlasstreams.io"
	leases  = "coordination.k8s.io"
	events  = "events.k8s.io"
)

// lack is what a manager shows that lacks a permission.
type lack struct {
	verb, resource, group string
	// flags of this manager, for what would take long otherwise.
	flags []string
	// before has the manager come to need the permission.
	before func(*stage, *process)
	// shows asserts what people see beside the refusal, which is in the manager's log by then.
	shows func(*stage, *process)
	// unlogged: what people see is all there is.
	unlogged bool
}

var table = []lack{
	{verb: "list", resource: "secrets", shows: neverReady},
	{verb: "list", resource: "configmaps", shows: neverReady},
	{verb: "list", resource: "streamprivatelinks", group: streams, shows: neverReady},
	{verb: "list", resource: "streamconnections", group: streams, shows: neverReady},
	{verb: "list", resource: "privateendpointservices", group: streams, shows: neverReady},
	// Changes are seen only when the manager lists again, at growing intervals.
	{verb: "watch", resource: "secrets"},
	{verb: "watch", resource: "configmaps"},
	{verb: "watch", resource: "streamprivatelinks", group: streams},
	{verb: "watch", resource: "streamconnections", group: streams},
	{verb: "watch", resource: "privateendpointservices", group: streams},

	{verb: "get", resource: "secrets", before: createLink, unlogged: true, shows: func(s *stage, _ *process) {
		s.Eventually(s.condition(newLink(s.team), v1alpha1.ConditionCredentialsReady)).
			Should(HaveValue(HaveField("Reason", v1alpha1.ReasonNotAllowed)))
	}},
	{verb: "get", resource: "configmaps", before: createBoth, unlogged: true, shows: func(s *stage, _ *process) {
		s.Eventually(s.condition(newConnection(s.team), v1alpha1.ConditionSynced)).
			Should(HaveValue(HaveField("Reason", v1alpha1.ReasonNotAllowed)))
	}},
	{verb: "get", resource: "streamprivatelinks", group: streams, before: createBoth, shows: noConnection},
	{ // What became of the creation is found out later, by lists.
		verb: "get", resource: "streamconnections", group: streams, flags: []string{"--atlas-request-timeout=30s"},
		before: func(s *stage, _ *process) {
			s.inputs(s.team)
			s.Create(newLink(s.team))
			s.createBusily(newConnection(s.team))
		},
	},
	{verb: "patch", resource: "streamprivatelinks", group: streams, before: createLink, shows: noLink},
	{verb: "patch", resource: "streamconnections", group: streams, before: createBoth, shows: noConnection},
	{verb: "patch", resource: "streamprivatelinks/status", group: streams, before: createLink, shows: noLink},
	{verb: "patch", resource: "streamconnections/status", group: streams, before: createBoth, shows: noConnection},
	{
		verb: "patch", resource: "privateendpointservices/status", group: streams,
		before: func(s *stage, _ *process) {
			s.inputs(s.team)
			s.Create(newService(s.team))
		},
		shows: func(s *stage, _ *process) { s.expectUntouched(newService(s.team)) },
	},

	{verb: "create", resource: "events", group: events, before: createLink, shows: func(s *stage, _ *process) {
		link := newLink(s.team)
		s.AwaitReady(link)
		s.Expect(s.eventsOf(link, v1alpha1.EventCreated)()).To(BeEmpty())
	}},
	{verb: "get", resource: "leases", group: leases, before: createLink, shows: noLeader},
	{verb: "create", resource: "leases", group: leases, before: createLink, shows: noLeader},
	{
		verb: "update", resource: "leases", group: leases,
		flags: []string{"--leader-election-lease-duration=3s", "--leader-election-renew-deadline=2s", "--leader-election-retry-period=300ms"},
		shows: func(s *stage, p *process) { s.Eventually(p.Done()).Should(BeClosed(), "it gives up") },
	},
	{verb: "create", resource: "events", shows: func(s *stage, _ *process) { s.Expect(s.electionEvents()).To(BeEmpty()) }},

	{verb: "create", resource: "tokenreviews", group: "authentication.k8s.io", before: metricsFail},
	{verb: "create", resource: "subjectaccessreviews", group: "authorization.k8s.io", before: metricsFail},
}
