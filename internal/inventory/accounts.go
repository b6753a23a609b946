package inventory

import (
	"context"
	"strings"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// Accounts caches Atlas's account details per project, provider and region.
type Accounts struct {
	lookups[atlas.AccountDetails]
}

func newAccounts(clk clock.PassiveClock) *Accounts {
	return &Accounts{newLookups[atlas.AccountDetails](clk)}
}

// Known returns the details without calling Atlas.
func (a *Accounts) Known(client *atlas.Client, projectID, provider, region string) (atlas.AccountDetails, bool) {
	entry, fresh := a.entry(keyOf(client, projectID, accountName(provider, region)))
	return entry.value, fresh && entry.found
}

// Get returns the details and calls Atlas only if they are not cached. False means that they are unavailable now.
func (a *Accounts) Get(ctx context.Context, client *atlas.Client, projectID, provider, region string) (atlas.AccountDetails, bool) {
	return a.get(keyOf(client, projectID, accountName(provider, region)), func() (atlas.AccountDetails, error) {
		return client.GetAccountDetails(ctx, projectID, provider, region)
	})
}

func accountName(provider, region string) string { return strings.ToLower(provider) + " " + region }
