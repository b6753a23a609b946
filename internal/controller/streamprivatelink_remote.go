package controller

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// linkRemote is the side of one StreamPrivateLink towards Atlas.
type linkRemote struct {
	reconciliation *reconciliation
	link           *v1alpha1.StreamPrivateLink
	// seen are the links of this reconciliation by id, so that what was compared is what gets published.
	seen map[string]atlas.PrivateLink
}

func connectLink(r *reconciliation) remote {
	return &linkRemote{reconciliation: r, link: r.object.(*v1alpha1.StreamPrivateLink), seen: map[string]atlas.PrivateLink{}}
}

func (e *linkRemote) kind() string                { return "private link" }
func (e *linkRemote) states() decision.StateTable { return decision.LinkStates }
func (e *linkRemote) importID() string            { return e.link.Spec.ImportID }

func (e *linkRemote) identity() string {
	return identityKey(e.link)
}

// claimKey tells apart what identity does not: links that differ in nothing but their variant.
func (e *linkRemote) claimKey() string {
	domain, endpoint := fieldsOfSpec(&e.link.Spec).variant()
	return strings.Join([]string{e.identity(), domain, endpoint}, " ")
}

func (e *linkRemote) lockKey() string { return "private link " + e.identity() }

func (e *linkRemote) queueKey() string { return "" }

func (e *linkRemote) objectKey(id string) string { return linkKey(e.link.Spec.ProjectID, id) }

func (e *linkRemote) list() *inventory.List[atlas.PrivateLink] {
	return e.reconciliation.inventory.Links(e.reconciliation.credentialsInUse.Client, e.link.Spec.ProjectID)
}

func (e *linkRemote) client() *atlas.Client { return e.reconciliation.credentialsInUse.Client }

func (e *linkRemote) warn() {}

// prepare: a link refers to nothing in the cluster.
func (e *linkRemote) prepare(context.Context, bool) (preparation, error) { return preparation{}, nil }

func (e *linkRemote) remoteObject(found atlas.PrivateLink) decision.RemoteObject {
	e.seen[found.ID] = found
	partial := e.link.Spec.ManagementPolicy == v1alpha1.Observe
	return decision.RemoteObject{
		ID: found.ID, State: found.State, States: decision.LinkStates, Endpoint: found.InterfaceEndpointID, ErrorMessage: found.ErrorMessage,
		Differences:      linkDifferences(&e.link.Spec, found, partial),
		DNSDomainMissing: !partial && waitsForDNSDomain(&e.link.Spec, found),
	}
}

func (e *linkRemote) read(ctx context.Context, opts inventory.ReadOptions) (listing, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if err != nil {
		return listing{}, err
	}
	matches := sameLink
	switch {
	case e.link.Spec.ManagementPolicy == v1alpha1.Observe:
		matches = couldBeLink
	case e.link.Status.OpenClaim():
		matches = maybeClaimed
	}
	seen := listing{begun: snapshot.Begun, byID: func(id string) *decision.RemoteObject {
		found, ok := snapshot.Get(id)
		if !ok {
			return nil
		}
		v := e.remoteObject(found)
		return &v
	}}
	for found := range snapshot.All() {
		if !matches(&e.link.Spec, found) {
			continue
		}
		v := e.remoteObject(found)
		v.Doubtful = e.link.Status.OpenClaim() && !sameLink(&e.link.Spec, found)
		if v.Class() == decision.StateDeleting {
			seen.deleting = append(seen.deleting, v)
		} else {
			seen.candidates = append(seen.candidates, v)
		}
	}
	sortObjects(seen.candidates)
	sortObjects(seen.deleting)
	return seen, nil
}

// sortObjects makes messages that list objects the same from reconciliation to reconciliation.
func sortObjects(views []decision.RemoteObject) {
	slices.SortFunc(views, func(a, b decision.RemoteObject) int { return cmp.Compare(a.ID, b.ID) })
}

func (e *linkRemote) isOwned(id string) bool { return id == e.link.Status.ID }

func (e *linkRemote) getIsCheaper(opts inventory.ReadOptions) bool {
	return e.list().GetIsCheaper(e.link.Status.ID, opts)
}

func (e *linkRemote) waiting() int { return e.list().Waiting() }

func (e *linkRemote) get(ctx context.Context, id string) (decision.RemoteObject, error) {
	found, err := e.client().GetPrivateLink(ctx, e.link.Spec.ProjectID, id)
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(found, e.reconciliation.options.Clock.Now())
	return e.remoteObject(found), nil
}

func (e *linkRemote) create(ctx context.Context) (decision.RemoteObject, error) {
	made, err := e.client().CreatePrivateLink(ctx, e.link.Spec.ProjectID, linkRequest(&e.link.Spec))
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(made, e.reconciliation.options.Clock.Now())
	return e.remoteObject(made), nil
}

// update sets the dnsDomain, the only field of a link that can change.
func (e *linkRemote) update(ctx context.Context, target decision.RemoteObject) error {
	_, err := e.client().UpdatePrivateLink(ctx, e.link.Spec.ProjectID, target.ID, e.link.Spec.DNSDomain)
	return err
}

func (e *linkRemote) delete(ctx context.Context, id string) error {
	err := e.client().DeletePrivateLink(ctx, e.link.Spec.ProjectID, id)
	if err == nil || atlas.IsNotFound(err) {
		e.list().Outdate(id, e.reconciliation.options.Clock.Now())
	}
	return err
}

func (e *linkRemote) publish(v decision.RemoteObject) {
	found, status := e.seen[v.ID], &e.link.Status
	if !status.Owned() && !status.OpenClaim() {
		status.ID = found.ID
	}
	status.State = bounded(found.State)
	status.InterfaceEndpointID, status.InterfaceEndpointName = bounded(found.InterfaceEndpointID), bounded(found.InterfaceEndpointName)
	status.ErrorMessage, status.ProviderAccountID = bounded(found.ErrorMessage), bounded(found.ProviderAccountID)
	status.Region, status.Vendor, status.DNSDomain = bounded(found.Region), bounded(found.Vendor), bounded(found.DNSDomain)
	status.GCPConnectionIDs = boundedList(found.GCPConnectionIDs)
	if status.AtlasAccount == nil {
		details, ok := e.reconciliation.inventory.Accounts.Known(e.client(), e.link.Spec.ProjectID, string(e.link.Spec.Provider), accountRegion(&e.link.Spec))
		status.AtlasAccount = accountOf(details, ok)
	}
}

func (e *linkRemote) sent(bool) {}

// requested shows the dnsDomain that is being asked for. With it the field cannot be edited while it is not known what
// became of the request: a link that was made under another domain would not be found.
func (e *linkRemote) requested() { e.link.Status.DNSDomain = e.link.Spec.DNSDomain }

func (e *linkRemote) forget() {
	common, account := e.link.Status.ManagedStatus, e.link.Status.AtlasAccount
	common.State = ""
	e.link.Status = v1alpha1.StreamPrivateLinkStatus{ManagedStatus: common, AtlasAccount: account}
}

func (e *linkRemote) extraConditions(c conditions) {
	status, kind := e.link.Status, v1alpha1.ConditionInterfaceEndpointReady
	class, reason := decision.LinkStates.ClassOf(status.State)
	switch {
	case status.InterfaceEndpointID != "":
		c.set(kind, decision.StatusTrue, v1alpha1.ReasonReported, status.InterfaceEndpointID)
	case e.link.Spec.Vendor == v1alpha1.VendorS3 || status.Vendor == string(v1alpha1.VendorS3):
		c.set(kind, decision.StatusTrue, v1alpha1.ReasonNotApplicable, "Links to S3 have no interface endpoint.")
	case class == decision.StateReady:
		c.set(kind, decision.StatusTrue, v1alpha1.ReasonNotApplicable, "Atlas finished the private link without an interface endpoint.")
	default:
		c.set(kind, decision.StatusFalse, reason, "Atlas has not reported an interface endpoint yet.")
	}
}

// enrich shows whom to allow on the service, which people need before the link can work.
func (e *linkRemote) enrich(ctx context.Context) {
	spec, status := &e.link.Spec, &e.link.Status
	region := accountRegion(spec)
	if status.AtlasAccount != nil || region == "" || spec.Provider == "" || e.client() == nil || e.link.DeletionTimestamp != nil {
		return
	}
	status.AtlasAccount = accountOf(e.reconciliation.inventory.Accounts.Get(ctx, e.client(), spec.ProjectID, string(spec.Provider), region))
}

func accountOf(details atlas.AccountDetails, known bool) *v1alpha1.AtlasAccount {
	if !known {
		return nil
	}
	return &v1alpha1.AtlasAccount{
		CloudProvider: details.CloudProvider, AWSAccountID: details.AWSAccountID, VPCID: details.VPCID,
		AzureSubscriptionID: details.AzureSubscriptionID, VirtualNetworkName: details.VirtualNetworkName,
		GCPProjectID: details.GCPProjectID, VPCNetworkName: details.VPCNetworkName, CIDRBlock: details.CIDRBlock,
	}
}

// accountRegion is the region of the link as written, or that of its ARN.
func accountRegion(spec *v1alpha1.StreamPrivateLinkSpec) string {
	return cmp.Or(spec.Region, cloud.RegionOfARN(spec.ARN))
}

// watch: a link whose account is still to be found is looked at again by time.
func (e *linkRemote) watch(ctx context.Context, id string, wake func()) func() {
	found, ok := e.seen[id]
	if !ok || (e.link.Status.AtlasAccount == nil && accountRegion(&e.link.Spec) != "") {
		return nil
	}
	return e.list().Watch(ctx, id, found, wake)
}

// usesLink reports whether a connection that names the link, or that Atlas says runs over it, keeps it from being
// deleted: what Atlas says counts more than the spec, which others can edit at will.
func usesLink(c *v1alpha1.StreamConnection, linkID string) bool {
	switch {
	case released(c):
		return false
	case c.Status.PrivateLinkID != "" && !c.Status.OpenClaim():
		return c.Status.ID != "" && c.Status.PrivateLinkID == linkID
	default:
		return c.Status.Owned() || c.Status.OpenClaim()
	}
}

// users are the connections that have, or may have, something in Atlas that uses this link.
func (e *linkRemote) users(ctx context.Context) ([]string, error) {
	var names []string
	connections, err := e.reconciliation.connectionsOf(ctx, e.link)
	if err != nil {
		return nil, err
	}
	for _, connection := range connections {
		if usesLink(&connection, e.link.Status.ID) {
			names = append(names, nameOf(&connection).String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (e *linkRemote) showUsers(users []string) {
	e.link.Status.UsedBy = users[:min(len(users), decision.MostListed)]
	if len(users) == 0 {
		e.link.Status.UsedBy = nil
	}
	e.link.Status.UsedByCount = int32(len(users))
}

func (e *linkRemote) inUseHint() string {
	return " It is used by a connection outside this cluster, or by one that was kept by deletionPolicy Retain: delete that connection."
}

func (e *linkRemote) setObject(object managed)  { e.link = object.(*v1alpha1.StreamPrivateLink) }
func (e *linkRemote) redact(text string) string { return text }
func (e *linkRemote) carryStatus(newest managed) {
	newest.(*v1alpha1.StreamPrivateLink).Status = e.link.Status
}

func (e *linkRemote) owner(ctx context.Context, id string) (string, error) {
	key := e.objectKey(id)
	var links v1alpha1.StreamPrivateLinkList
	if err := e.reconciliation.client.List(ctx, &links, byIndex(indexAtlasID, key)); err != nil {
		return "", fmt.Errorf("look for other owners: %w", err)
	}
	return e.reconciliation.otherOwner(key, pointers(links.Items)), nil
}

func (e *linkRemote) same(ctx context.Context) ([]managed, error) {
	var links v1alpha1.StreamPrivateLinkList
	if err := e.reconciliation.client.List(ctx, &links, byIndex(indexIdentity, e.identity())); err != nil {
		return nil, fmt.Errorf("look for resources that mean the same: %w", err)
	}
	same := slices.DeleteFunc(links.Items, func(other v1alpha1.StreamPrivateLink) bool {
		return !sameVariant(fieldsOfSpec(&other.Spec), fieldsOfSpec(&e.link.Spec))
	})
	return pointers(same), nil
}
