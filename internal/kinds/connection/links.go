package connection

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// The field indexes of connections.
const (
	// IndexLinkRef: the StreamPrivateLink that a connection names.
	IndexLinkRef = "privateLinkRef"
	// IndexLinkID: project and Atlas id of the links that a connection names by its id, and that Atlas says it uses.
	IndexLinkID = "connectionId"
)

// LinkRefs is the name of the StreamPrivateLink that a connection refers to.
func LinkRefs(c *v1alpha1.StreamConnection) []string {
	if networking := c.Spec.Networking; networking != nil && networking.PrivateLinkRef != nil {
		return []string{networking.PrivateLinkRef.Name}
	}
	return nil
}

// LinkIDs are the keys of the links that a connection names by id, and that Atlas says it uses.
func LinkIDs(c *v1alpha1.StreamConnection) []string {
	keys := sets.List(sets.New(c.Status.PrivateLinkID, cmp.Or(c.Spec.Networking, &v1alpha1.ConnectionNetworking{}).ConnectionID).Delete(""))
	for i, id := range keys {
		keys[i] = LinkKey(c.Spec.ProjectID, id)
	}
	return keys
}

// connectionsOfLink wakes the connections that refer to a link, at every change of the link's status.
func connectionsOfLink(ctx context.Context, reader client.Reader, link client.Object) ([]lifecycle.Managed, error) {
	return lifecycle.List(ctx, reader, &v1alpha1.StreamConnectionList{},
		client.InNamespace(link.GetNamespace()), lifecycle.ByIndex(IndexLinkRef, link.GetName()))
}

// LinkKey identifies a private link of Atlas.
func LinkKey(projectID, id string) string { return projectID + "/" + id }

// dependency is what the referenced link lets a connection do.
type dependency struct {
	// linkID is the Atlas id of the link; it may be known before the link is Ready.
	linkID string
	// used is the link that the connection runs over, as far as it is known and of the same project.
	used *usedLink
	// gate keeps the connection from being created; nil when the link is Ready.
	gate *decision.Blocker
	// condition is for DependenciesReady; nil without a reference.
	condition *decision.Condition
	// unwatched: the link is not among those that this manager watches.
	unwatched bool
}

// depend looks at the link that the connection refers to. Live reads the API server itself, right before a creation.
func (e *remote) depend(ctx context.Context, live bool) (dependency, error) {
	references := LinkRefs(e.connection())
	if len(references) == 0 {
		return dependency{}, nil
	}
	name := types.NamespacedName{Namespace: e.connection().Namespace, Name: references[0]}
	link, unwatched := &v1alpha1.StreamPrivateLink{}, false
	var err error
	if !live {
		err = e.Reader.Get(ctx, name, link)
	}
	if live || apierrors.IsNotFound(err) {
		err = e.Live.Get(ctx, name, link)
		unwatched = !live && err == nil // it is outside of what this manager watches
	}
	if apierrors.IsNotFound(err) {
		return gated("", v1alpha1.ReasonLinkNotFound, "StreamPrivateLink %s does not exist: create it.", name.Name), nil
	}
	if err != nil {
		return dependency{}, fmt.Errorf("read StreamPrivateLink %s: %w", name, err)
	}
	judged := judgeLink(link, e.connection().Spec.ProjectID)
	if link.Spec.ProjectID == e.connection().Spec.ProjectID {
		judged.used = &usedLink{label: "StreamPrivateLink " + link.Name, spec: link.Spec}
	}
	if judged.unwatched = unwatched; unwatched && judged.gate != nil {
		judged.gate.Watched = false
	}
	return judged, nil
}

// judgeLink decides what a link lets a connection of that project do.
func judgeLink(link *v1alpha1.StreamPrivateLink, projectID string) dependency {
	id := link.Status.ID
	ready := meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case link.Spec.ProjectID != projectID:
		return gated("", v1alpha1.ReasonProjectMismatch,
			"StreamPrivateLink %s belongs to the Atlas project %s and this connection to %s: refer to a link of the same project.",
			link.Name, link.Spec.ProjectID, projectID)
	case link.DeletionTimestamp != nil:
		return gated(id, v1alpha1.ReasonLinkDeleting,
			"StreamPrivateLink %s is being deleted: create it again, or refer to another one.", link.Name)
	case id != "" && ready != nil && ready.Status == decision.StatusTrue && ready.ObservedGeneration == link.Generation:
		message := fmt.Sprintf("StreamPrivateLink %s is Ready.", link.Name)
		return dependency{linkID: id, condition: decision.NewCondition(decision.StatusTrue, v1alpha1.ReasonLinkReady, message)}
	case meta.IsStatusConditionTrue(link.Status.Conditions, v1alpha1.ConditionStalled):
		return gated(id, v1alpha1.ReasonDependencyStalled,
			"StreamPrivateLink %s is stalled (%s): see its conditions.", link.Name, lifecycle.ReasonOf(ready))
	default:
		return gated(id, v1alpha1.ReasonLinkNotReady, "Waiting for StreamPrivateLink %s to become Ready.", link.Name)
	}
}

// gated: the watch of links wakes the connection when the link changes.
func gated(linkID, reason, format string, args ...any) dependency {
	gate := &decision.Blocker{
		Effect: decision.Missing, Reason: reason, Watched: true, Message: fmt.Sprintf(format, args...),
		Stalled: reason == v1alpha1.ReasonProjectMismatch || reason == v1alpha1.ReasonDependencyStalled,
	}
	return dependency{linkID: linkID, gate: gate, condition: decision.NewCondition(decision.StatusFalse, reason, gate.Message)}
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
		mechanism := cmp.Or(kafka.Authentication.Mechanism, "SSL")
		if schemeOf[mechanism] != scheme {
			warnings = append(warnings, fmt.Sprintf(
				"%s has the authenticationScheme %s, which does not fit the mechanism %s of this connection. Use a mechanism of that scheme, or another link.", link.label, scheme, mechanism))
		}
	}
	if link.spec.Provider == v1alpha1.ProviderAzure && spec.Region != "" && !sameAzureRegion(link.spec.Region, spec.Region) {
		warnings = append(warnings, fmt.Sprintf(
			"%s is in the Azure region %s, and this connection in %s. Links on Azure work only within one region. Create the connection without region, or in the region of the link.", link.label, link.spec.Region, spec.Region))
	}
	return warnings
}

// workspaceWarnings are about a workspace that cannot use the link.
func workspaceWarnings(link *usedLink, workspace atlas.Workspace) []string {
	spec := link.spec
	elsewhere := !strings.EqualFold(workspace.CloudProvider, cloud.Azure) || !sameAzureRegion(spec.Region, workspace.Region)
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

func sameAzureRegion(a, b string) bool {
	return cloud.Region(cloud.Azure, a) == cloud.Region(cloud.Azure, b)
}

// needsWorkspace reports whether it matters for the link where the workspace is.
func needsWorkspace(link *usedLink) bool {
	return link.spec.Provider == v1alpha1.ProviderAzure || link.spec.Provider == v1alpha1.ProviderAWS &&
		(link.spec.Vendor == v1alpha1.VendorConfluent || link.spec.Vendor == v1alpha1.VendorMSK)
}

// warn completes the warnings, and DependenciesReady, by what does not fit the link. What works needs no warning, and no
// call for it.
func (e *remote) warn() {
	if e.observes() {
		return
	}
	e.resolved.Warnings = configWarnings(&e.connection().Spec)
	if e.link.used == nil || e.IsReady() {
		return
	}
	misfits := linkWarnings(e.link.used, &e.connection().Spec)
	if workspace, known := e.Inventory.Workspaces.Known(e.Atlas(), e.project(), e.workspace()); known && needsWorkspace(e.link.used) {
		misfits = append(misfits, workspaceWarnings(e.link.used, workspace)...)
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
	if condition := e.link.condition; condition != nil && e.link.used != nil && c.IsReady() {
		c.Set(v1alpha1.ConditionDependenciesReady, metav1.ConditionStatus(condition.Status), condition.Reason, condition.Message)
	}
}

// Enrich finds out about the link, where it is given by its id, and where the workspace is, if that matters for a link
// that is not known to work.
func (e *remote) Enrich(ctx context.Context) {
	if e.resolved == nil || e.Atlas() == nil || e.observes() || e.IsReady() {
		return
	}
	if networking := e.connection().Spec.Networking; networking != nil && networking.ConnectionID != "" {
		e.findLink(ctx, networking.ConnectionID)
	}
	if e.link.used == nil {
		return
	}
	if needsWorkspace(e.link.used) {
		_, _ = e.Inventory.Workspaces.Get(ctx, e.Atlas(), e.project(), e.workspace())
	}
	e.warn()
}

// findLink looks for the link in a list of Atlas of any age. Without one there is no warning, for which nothing waits.
func (e *remote) findLink(ctx context.Context, id string) {
	links, err := e.Inventory.Links(e.Atlas(), e.project()).Read(ctx, inventory.ReadOptions{Routine: true})
	if err != nil {
		return
	}
	if found, ok := links.Get(id); ok {
		e.link.used = &usedLink{label: "The private link " + found.ID, spec: v1alpha1.StreamPrivateLinkSpec{
			Provider: v1alpha1.LinkProvider(found.Provider), Vendor: v1alpha1.LinkVendor(found.Vendor), Region: found.Region,
			AuthenticationScheme: v1alpha1.AuthenticationScheme(found.AuthenticationScheme),
		}}
	}
}
