package connection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/internal/lifecycle"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// honouredKafkaConfig are the keys of config that Atlas's manual lists, of producers and consumers. Others are ignored.
var honouredKafkaConfig = setOf(
	"acks", "batch.size", "client.dns.lookup", "client.id", "compression.type", "connections.max.idle.ms", "delivery.timeout.ms",
	"enable.idempotence", "linger.ms", "max.in.flight.requests.per.connection", "message.max.bytes", "queue.buffering.max.messages",
	"request.timeout.ms", "retries", "transactional.id",
	"allow.auto.create.topics", "auto.offset.reset", "fetch.max.bytes", "fetch.min.bytes", "group.id", "heartbeat.interval.ms",
	"isolation.level", "max.partition.fetch.bytes", "max.poll.interval.ms", "session.timeout.ms",
)

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// configWarnings tells of keys that Atlas takes and ignores.
func configWarnings(spec *v1alpha1.StreamConnectionSpec) []string {
	if spec.Kafka == nil {
		return nil
	}
	ignored := slices.DeleteFunc(slices.Sorted(maps.Keys(spec.Kafka.Config)), func(key string) bool { return honouredKafkaConfig[key] })
	if len(ignored) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Atlas ignores these keys of kafka.config: %s. Correct their spelling, or remove them.", decision.Listed(ignored))}
}

// schemeOf is the authenticationScheme of a link that a mechanism needs.
var schemeOf = map[string]v1alpha1.AuthenticationScheme{
	"SSL": "TLS", "SCRAM-256": "SASL_SCRAM", "SCRAM-512": "SASL_SCRAM", "AWS_MSK_IAM": "IAM",
}

// linkWarnings tells of what does not fit between a connection and its link: Atlas takes it, and no data flows.
func linkWarnings(link *v1alpha1.StreamPrivateLink, spec *v1alpha1.StreamConnectionSpec) []string {
	var warnings []string
	scheme := link.Spec.AuthenticationScheme
	if kafka := spec.Kafka; scheme != "" && kafka != nil && kafka.Authentication != nil {
		mechanism := kafka.Authentication.Mechanism
		if mechanism == "" {
			mechanism = "SSL"
		}
		if schemeOf[mechanism] != scheme {
			warnings = append(warnings, fmt.Sprintf(
				"The authenticationScheme %s of StreamPrivateLink %s does not fit the mechanism %s of this connection. Use a mechanism of that scheme, or another link.", scheme, link.Name, mechanism))
		}
	}
	if link.Spec.Provider == v1alpha1.ProviderAzure && spec.Region != "" && !sameRegion(cloud.Azure, link.Spec.Region, spec.Region) {
		warnings = append(warnings, fmt.Sprintf(
			"StreamPrivateLink %s is in the Azure region %s, and this connection in %s. Links on Azure work only within one region. Create the connection without region, or in the region of the link.", link.Name, link.Spec.Region, spec.Region))
	}
	return warnings
}

// workspaceWarnings tells of a workspace that cannot use the link.
func workspaceWarnings(link *v1alpha1.StreamPrivateLink, workspace atlas.Workspace) []string {
	elsewhere := !strings.EqualFold(workspace.CloudProvider, cloud.Azure) || !sameRegion(cloud.Azure, link.Spec.Region, workspace.Region)
	switch {
	case link.Spec.Provider == v1alpha1.ProviderAWS && workspace.CloudProvider != "" && !strings.EqualFold(workspace.CloudProvider, cloud.AWS):
		return []string{fmt.Sprintf("StreamPrivateLink %s of vendor %s works only with a workspace on AWS, and the workspace %s is on %s. Use another workspace.",
			link.Name, link.Spec.Vendor, workspace.Name, workspace.CloudProvider)}
	case link.Spec.Provider == v1alpha1.ProviderAzure && workspace.Region != "" && elsewhere:
		return []string{fmt.Sprintf("StreamPrivateLink %s is in the Azure region %s, and the workspace %s in %s of %s. Links on Azure work only within one region. Use another workspace, or a link in its region.",
			link.Name, link.Spec.Region, workspace.Name, workspace.Region, workspace.CloudProvider)}
	}
	return nil
}

func sameRegion(provider, a, b string) bool {
	return cloud.Region(provider, a) == cloud.Region(provider, b)
}

// needsWorkspace reports whether it matters for the link where the workspace is.
func needsWorkspace(link *v1alpha1.StreamPrivateLink) bool {
	switch link.Spec.Provider {
	case v1alpha1.ProviderAWS:
		return link.Spec.Vendor == v1alpha1.VendorConfluent || link.Spec.Vendor == v1alpha1.VendorMSK
	case v1alpha1.ProviderAzure:
		return true
	default:
		return false
	}
}

// warn completes the warnings, and DependenciesReady, by what does not fit the link. What works needs no warning, and no
// call for it.
func (e *remote) warn() {
	if e.connection().Spec.ManagementPolicy == v1alpha1.Observe {
		return
	}
	warnings := configWarnings(&e.connection().Spec)
	if link := e.link.link; link != nil && !e.IsReady() {
		misfits := linkWarnings(link, &e.connection().Spec)
		if workspace, known := e.Inventory.Workspaces.Known(e.Atlas(), e.project(), e.workspace()); known && needsWorkspace(link) {
			misfits = append(misfits, workspaceWarnings(link, workspace)...)
		}
		condition := *e.link.condition
		condition.Message = strings.Join(append([]string{condition.Message}, misfits...), " ")
		e.resolved.Dependencies = &condition
		warnings = append(warnings, misfits...)
	}
	e.resolved.Warnings = warnings
}

// ExtraConditions takes the warnings back once the connection is Ready.
func (e *remote) ExtraConditions(c lifecycle.Conditions) {
	if condition := e.link.condition; e.link.link != nil && c.IsReady() {
		c.Set(v1alpha1.ConditionDependenciesReady, metav1.ConditionStatus(condition.Status), condition.Reason, condition.Message)
	}
}

// Enrich finds out where the workspace is, if that matters for a link that is not known to work.
func (e *remote) Enrich(ctx context.Context) {
	if e.link.link == nil || e.Atlas() == nil || !needsWorkspace(e.link.link) || e.IsReady() {
		return
	}
	if _, known := e.Inventory.Workspaces.Get(ctx, e.Atlas(), e.project(), e.workspace()); known {
		e.warn()
	}
}
