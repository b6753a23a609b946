package privatelink

import (
	"cmp"
	"context"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// remote is the side of one StreamPrivateLink towards Atlas.
type remote struct {
	*lifecycle.Session
	// seen are the links of this reconciliation by id, so that what was compared is what gets published.
	seen map[string]atlas.PrivateLink
}

func (e *remote) link() *v1alpha1.StreamPrivateLink { return e.Object.(*v1alpha1.StreamPrivateLink) }

func (e *remote) list() *inventory.List[atlas.PrivateLink] {
	return e.Inventory.Links(e.Atlas(), e.link().Spec.ProjectID)
}

// Resolve finds nothing: a link refers to nothing in the cluster.
func (e *remote) Resolve(context.Context, bool) (*lifecycle.Resolved, error) {
	return &lifecycle.Resolved{}, nil
}

func (e *remote) remoteObject(found atlas.PrivateLink) decision.RemoteObject {
	e.seen[found.ID] = found
	return decision.RemoteObject{
		ID: found.ID, State: found.State, States: states, Endpoint: found.InterfaceEndpointID, ErrorMessage: found.ErrorMessage,
		Differences:      linkDifferences(&e.link().Spec, &found),
		DNSDomainMissing: !e.observes() && waitsForDNSDomain(&e.link().Spec, &found),
	}
}

func (e *remote) observes() bool { return e.link().Spec.ManagementPolicy == v1alpha1.Observe }

func (e *remote) List(ctx context.Context, opts inventory.ReadOptions) (lifecycle.Listing, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if err != nil {
		return lifecycle.Listing{}, err
	}
	seen := lifecycle.Listing{Begun: snapshot.Begun, ByID: func(id string) *decision.RemoteObject {
		found, ok := snapshot.Get(id)
		if !ok {
			return nil
		}
		return new(e.remoteObject(found))
	}}
	spec, claims := &e.link().Spec, e.link().Status.OpenClaim()
	want := wantedLinkOf(spec)
	for found := range snapshot.All() {
		same := want.matches(&found, false)
		switch {
		case e.observes(): // a spec that only observes may know less
			if len(linkDifferences(spec, &found)) > 0 {
				continue
			}
		case !same && (!claims || !want.matches(&found, true)):
			continue
		}
		v := e.remoteObject(found)
		v.Doubtful = claims && !same
		if v.Class() == decision.StateDeleting {
			seen.Deleting = append(seen.Deleting, v)
		} else {
			seen.Candidates = append(seen.Candidates, v)
		}
	}
	lifecycle.SortObjects(seen.Candidates)
	lifecycle.SortObjects(seen.Deleting)
	return seen, nil
}

// CachedList is the list of the project.
func (e *remote) CachedList() (list lifecycle.CachedList, key string) {
	return e.list(), e.link().Status.ID
}

func (e *remote) Get(ctx context.Context, id string) (decision.RemoteObject, error) {
	begun := e.Clock.Now()
	found, err := e.Atlas().GetPrivateLink(ctx, e.link().Spec.ProjectID, id)
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(found, begun)
	return e.remoteObject(found), nil
}

func (e *remote) Create(ctx context.Context) (decision.RemoteObject, error) {
	made, err := e.Atlas().CreatePrivateLink(ctx, e.link().Spec.ProjectID, linkRequest(&e.link().Spec))
	if err != nil {
		return decision.RemoteObject{}, err
	}
	e.list().Put(made, e.Clock.Now())
	return e.remoteObject(made), nil
}

// Update sets the dnsDomain, the only field of a link that can change.
func (e *remote) Update(ctx context.Context, target decision.RemoteObject) error {
	_, err := e.Atlas().UpdatePrivateLink(ctx, e.link().Spec.ProjectID, target.ID, e.link().Spec.DNSDomain)
	return err
}

func (e *remote) Delete(ctx context.Context, id string) error {
	err := e.Atlas().DeletePrivateLink(ctx, e.link().Spec.ProjectID, id)
	if err == nil || atlas.IsNotFound(err) {
		e.list().Outdate(id, e.Clock.Now())
	}
	return err
}

// Publish copies the link that was seen.
func (e *remote) Publish(v *decision.RemoteObject) {
	status := &e.link().Status
	if v == nil {
		*status = v1alpha1.StreamPrivateLinkStatus{ManagedStatus: status.ManagedStatus, AtlasAccount: status.AtlasAccount}
		status.State = ""
		return
	}
	found := e.seen[v.ID]
	if !status.Owned() && !status.OpenClaim() {
		status.ID = found.ID
	}
	status.State = lifecycle.Bounded(found.State)
	status.InterfaceEndpointID, status.InterfaceEndpointName = lifecycle.Bounded(found.InterfaceEndpointID), lifecycle.Bounded(found.InterfaceEndpointName)
	status.ErrorMessage, status.ProviderAccountID = lifecycle.Bounded(found.ErrorMessage), lifecycle.Bounded(found.ProviderAccountID)
	status.Region, status.Vendor, status.DNSDomain = lifecycle.Bounded(found.Region), lifecycle.Bounded(found.Vendor), lifecycle.Bounded(found.DNSDomain)
	status.GCPConnectionIDs = lifecycle.BoundedList(found.GCPConnectionIDs)
	spec := &e.link().Spec
	if details, known := e.Inventory.Accounts.Known(e.Atlas(), spec.ProjectID, accountOfSpec(spec)); known && status.AtlasAccount == nil {
		status.AtlasAccount = new(v1alpha1.AtlasAccount(details))
	}
}

// Sent shows the dnsDomain that is requested. With it the field cannot be edited while the outcome of the request is
// unknown: a link that was created with another domain would not be found.
func (e *remote) Sent(step lifecycle.SentStep) {
	if step == lifecycle.SentClaim {
		e.link().Status.DNSDomain = e.link().Spec.DNSDomain
	}
}

func (e *remote) ExtraConditions(c lifecycle.Conditions) {
	status, kind := e.link().Status, v1alpha1.ConditionInterfaceEndpointReady
	class, reason := states.ClassOf(status.State)
	switch {
	case status.InterfaceEndpointID != "":
		c.Set(kind, decision.StatusTrue, v1alpha1.ReasonReported, status.InterfaceEndpointID)
	case e.link().Spec.Vendor == v1alpha1.VendorS3 || status.Vendor == string(v1alpha1.VendorS3):
		c.Set(kind, decision.StatusTrue, v1alpha1.ReasonNotApplicable, "Links to S3 have no interface endpoint.")
	case class == decision.StateReady:
		c.Set(kind, decision.StatusTrue, v1alpha1.ReasonNotApplicable, "Atlas finished the private link without an interface endpoint.")
	default:
		c.Set(kind, decision.StatusFalse, reason, "Atlas has not reported an interface endpoint yet.")
	}
}

// Enrich shows whom to allow on the service, which people need before the link can work.
func (e *remote) Enrich(ctx context.Context) {
	spec, status := &e.link().Spec, &e.link().Status
	account := accountOfSpec(spec)
	if status.AtlasAccount != nil || account.Region == "" || spec.Provider == "" || e.Atlas() == nil || e.link().DeletionTimestamp != nil {
		return
	}
	if details, known := e.Inventory.Accounts.Get(ctx, e.Atlas(), spec.ProjectID, account); known {
		status.AtlasAccount = new(v1alpha1.AtlasAccount(details))
	}
}

// accountOfSpec names the account by the region as written, or that of the ARN.
func accountOfSpec(spec *v1alpha1.StreamPrivateLinkSpec) inventory.Account {
	return inventory.Account{Provider: strings.ToLower(string(spec.Provider)), Region: cmp.Or(spec.Region, cloud.RegionOfARN(spec.ARN))}
}

// Watch: a link whose account is still to be found is looked at again by time.
func (e *remote) Watch(ctx context.Context, id string, wake func()) func() {
	found, ok := e.seen[id]
	if !ok || (e.link().Status.AtlasAccount == nil && accountOfSpec(&e.link().Spec).Region != "") {
		return nil
	}
	return e.list().Watch(ctx, id, found, wake)
}
