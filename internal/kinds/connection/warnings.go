package connection

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// honouredKafkaConfig are the keys of config that Atlas's manual lists, of producers and consumers. Others are ignored.
var honouredKafkaConfig = sets.New(
	"acks", "batch.size", "client.dns.lookup", "client.id", "compression.type", "connections.max.idle.ms", "delivery.timeout.ms",
	"enable.idempotence", "linger.ms", "max.in.flight.requests.per.connection", "message.max.bytes", "queue.buffering.max.messages",
	"request.timeout.ms", "retries", "transactional.id",
	"allow.auto.create.topics", "auto.offset.reset", "fetch.max.bytes", "fetch.min.bytes", "group.id", "heartbeat.interval.ms",
	"isolation.level", "max.partition.fetch.bytes", "max.poll.interval.ms", "session.timeout.ms",
)

// configWarnings are about keys that Atlas accepts and ignores.
func configWarnings(spec *v1alpha1.StreamConnectionSpec) []string {
	if spec.Kafka == nil {
		return nil
	}
	ignored := sets.List(sets.KeySet(spec.Kafka.Config).Difference(honouredKafkaConfig))
	if len(ignored) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Atlas ignores these keys of kafka.config: %s. Correct their spelling, or remove them.", decision.Listed(ignored))}
}

// schemeOf is the authenticationScheme of a link that a mechanism needs.
var schemeOf = map[string]v1alpha1.AuthenticationScheme{
	"SSL": "TLS", "SCRAM-256": "SASL_SCRAM", "SCRAM-512": "SASL_SCRAM", "AWS_MSK_IAM": "IAM",
}

// usedLink is a link that a connection runs over: a resource, or what Atlas says of an id.
type usedLink struct {
	label string
	spec  v1alpha1.StreamPrivateLinkSpec
}

// linkWarnings are about what does not fit between a connection and its link: Atlas accepts it, and no data flows.
func linkWarnings(link *usedLink, spec *v1alpha1.StreamConnectionSpec) []string {
	var warnings []string
	scheme := link.spec.AuthenticationScheme
	if kafka := spec.Kafka; scheme != "" && kafka != nil && kafka.Authentication != nil {
		mechanism := kafka.Authentication.Mechanism
		if mechanism == "" {
			mechanism = "SSL"
		}
		if schemeOf[mechanism] != scheme {
			warnings = append(warnings, fmt.Sprintf(
				"%s has the authenticationScheme %s, which does not fit the mechanism %s of this connection. Use a mechanism of that scheme, or another link.", link.label, scheme, mechanism))
		}
	}
	if link.spec.Provider == v1alpha1.ProviderAzure && spec.Region != "" && !sameRegion(cloud.Azure, link.spec.Region, spec.Region) {
		warnings = append(warnings, fmt.Sprintf(
			"%s is in the Azure region %s, and this connection in %s. Links on Azure work only within one region. Create the connection without region, or in the region of the link.", link.label, link.spec.Region, spec.Region))
	}
	return warnings
}

// workspaceWarnings are about a workspace that cannot use the link.
func workspaceWarnings(link *usedLink, workspace atlas.Workspace) []string {
	spec := link.spec
	elsewhere := !strings.EqualFold(workspace.CloudProvider, cloud.Azure) || !sameRegion(cloud.Azure, spec.Region, workspace.Region)
	switch {
	case spec.Provider == v1alpha1.ProviderAWS && workspace.CloudProvider != "" && !strings.EqualFold(workspace.CloudProvider, cloud.AWS):
		return []string{fmt.Sprintf("%s of vendor %s works only with a workspace on AWS, and the workspace %s is on %s. Use another workspace.",
			link.label, spec.Vendor, workspace.Name, workspace.CloudProvider)}
	case spec.Provider == v1alpha1.ProviderAzure && workspace.Region != "" && elsewhere:
		return []string{fmt.Sprintf("%s is in the Azure region %s, and the workspace %s in %s of %s. Links on Azure work only within one region. Use another workspace, or a link in its region.",
			link.label, spec.Region, workspace.Name, workspace.Region, workspace.CloudProvider)}
	}
	return nil
}

func sameRegion(provider, a, b string) bool {
	return cloud.Region(provider, a) == cloud.Region(provider, b)
}

// needsWorkspace reports whether it matters for the link where the workspace is.
func needsWorkspace(link *usedLink) bool {
	switch link.spec.Provider {
	case v1alpha1.ProviderAWS:
		return link.spec.Vendor == v1alpha1.VendorConfluent || link.spec.Vendor == v1alpha1.VendorMSK
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
	e.resolved.Warnings = configWarnings(&e.connection().Spec)
	if e.used == nil || e.IsReady() {
		return
	}
	misfits := linkWarnings(e.used, &e.connection().Spec)
	if workspace, known := e.Inventory.Workspaces.Known(e.Atlas(), e.project(), e.workspace()); known && needsWorkspace(e.used) {
		misfits = append(misfits, workspaceWarnings(e.used, workspace)...)
	}
	if e.link.condition != nil {
		condition := *e.link.condition
		condition.Message = strings.Join(append([]string{condition.Message}, misfits...), " ")
		e.resolved.Dependencies = &condition
	}
	e.resolved.Warnings = append(e.resolved.Warnings, misfits...)
}

// ExtraConditions takes the warnings back once the connection is Ready.
func (e *remote) ExtraConditions(c lifecycle.Conditions) {
	if condition := e.link.condition; e.link.link != nil && c.IsReady() {
		c.Set(v1alpha1.ConditionDependenciesReady, metav1.ConditionStatus(condition.Status), condition.Reason, condition.Message)
	}
}

// Enrich finds out about the link, where it is given by its id, and where the workspace is, if that matters for a link
// that is not known to work.
func (e *remote) Enrich(ctx context.Context) {
	if e.resolved == nil || e.Atlas() == nil || e.connection().Spec.ManagementPolicy == v1alpha1.Observe || e.IsReady() {
		return
	}
	e.findLinkByID(ctx)
	if e.used == nil {
		return
	}
	if needsWorkspace(e.used) {
		_, _ = e.Inventory.Workspaces.Get(ctx, e.Atlas(), e.project(), e.workspace())
	}
	e.warn()
}

// findLinkByID reads the link of networking.connectionId from a list of Atlas of any age.
func (e *remote) findLinkByID(ctx context.Context) {
	networking := e.connection().Spec.Networking
	if networking == nil || networking.ConnectionID == "" {
		return
	}
	links, err := e.Inventory.Links(e.Atlas(), e.project()).Read(ctx, inventory.ReadOptions{Routine: true})
	if err != nil {
		return // nothing waits for a warning
	}
	if found, ok := links.Get(networking.ConnectionID); ok {
		e.used = &usedLink{label: "The private link " + found.ID, spec: v1alpha1.StreamPrivateLinkSpec{
			Provider: v1alpha1.LinkProvider(found.Provider), Vendor: v1alpha1.LinkVendor(found.Vendor), Region: found.Region,
			AuthenticationScheme: v1alpha1.AuthenticationScheme(found.AuthenticationScheme),
		}}
	}
}
