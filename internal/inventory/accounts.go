package inventory

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

const (
	// accountLifetime is how long account details are kept: Atlas's account of a region hardly ever changes.
	accountLifetime = 24 * time.Hour
	// accountRetry is how long a failure to read them is kept. They are a help for people, nothing waits for them.
	accountRetry = 10 * time.Minute
	// maxAccounts bounds what is kept: projects and regions are texts of users.
	maxAccounts = 1000
)

// Accounts keeps Atlas's own account per project, provider and region, so that any number of links there cost one call.
type Accounts struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	known map[accountKey]account
}

type accountKey struct{ credential, project, provider, region string }

type account struct {
	details atlas.AccountDetails
	found   bool
	until   time.Time
}

func newAccounts(clk clock.PassiveClock) *Accounts {
	return &Accounts{clock: clk, known: map[accountKey]account{}}
}

// Known returns the details without calling Atlas.
func (a *Accounts) Known(client *atlas.Client, projectID, provider, region string) (atlas.AccountDetails, bool) {
	entry, fresh := a.entry(keyOf(client, projectID, provider, region))
	return entry.details, fresh && entry.found
}

// Get returns the details, asking Atlas at most once in a while. False means that they are not to be had now.
func (a *Accounts) Get(ctx context.Context, client *atlas.Client, projectID, provider, region string) (atlas.AccountDetails, bool) {
	key := keyOf(client, projectID, provider, region)
	if entry, fresh := a.entry(key); fresh {
		return entry.details, entry.found
	}
	details, err := client.GetAccountDetails(ctx, projectID, provider, region)
	entry := account{details: details, found: err == nil, until: a.clock.Now().Add(accountLifetime)}
	if err != nil {
		entry.until = a.clock.Now().Add(accountRetry)
	}
	a.keep(key, entry)
	return entry.details, entry.found
}

// keep drops what has expired, and where there is too much the entry that expires next: a failure before an account.
func (a *Accounts) keep(key accountKey, entry account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock.Now()
	maps.DeleteFunc(a.known, func(_ accountKey, known account) bool { return !now.Before(known.until) })
	if len(a.known) >= maxAccounts {
		next := key
		soonest := entry.until
		for other, known := range a.known {
			if !known.until.After(soonest) {
				next, soonest = other, known.until
			}
		}
		delete(a.known, next)
	}
	if len(a.known) < maxAccounts {
		a.known[key] = entry
	}
}

func (a *Accounts) entry(key accountKey) (entry account, fresh bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	entry, ok := a.known[key]
	if ok && !a.clock.Now().Before(entry.until) {
		delete(a.known, key)
		return account{}, false
	}
	return entry, ok
}

func keyOf(client *atlas.Client, projectID, provider, region string) accountKey {
	return accountKey{client.CredentialKey(), projectID, strings.ToLower(provider), region}
}
