// Package inventory serves reads of Atlas from complete, timestamped lists: one per credential and project for private
// links, one per credential and workspace for connections. Results of the operator's own calls are applied to the
// lists, so that a read is never older than the last write, and a stale list never hides a new object.
//
// A failed or partial list is never served: an object is missing from a Snapshot only if a complete list does not
// contain it.
package inventory

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/internal/atlas"
)

// idleLifetime is how long an unused list is kept.
const idleLifetime = time.Hour

// Inventory holds the lists of all credentials. It is safe for concurrent use.
type Inventory struct {
	options Options

	// Accounts caches Atlas's account details, which users allow-list at their services.
	Accounts *Lookups[Account, atlas.AccountDetails]
	// Workspaces caches where workspaces process data, by name.
	Workspaces *Lookups[string, atlas.Workspace]

	mu          sync.Mutex
	links       scopes[atlas.PrivateLink]
	connections scopes[atlas.Connection]
	services    scopes[atlas.PrivateEndpointService]
}

// Options configures an Inventory.
type Options struct {
	// Clock provides the time and schedules the polls.
	Clock clock.WithDelayedExecution
	// Settle is how long after a write a list may be stale.
	Settle time.Duration
	// PollInterval is the interval at which a watched list is polled. Up to a tenth is added at random.
	PollInterval time.Duration
}

// New returns an empty Inventory. It makes no call until the first read.
func New(options Options) *Inventory {
	account := func(client *atlas.Client, ctx context.Context, projectID string, a Account) (atlas.AccountDetails, error) {
		return client.GetAccountDetails(ctx, projectID, a.Provider, a.Region)
	}
	return &Inventory{
		options:     options,
		Accounts:    newLookups(options.Clock, account),
		Workspaces:  newLookups(options.Clock, (*atlas.Client).GetWorkspace),
		links:       scopes[atlas.PrivateLink]{},
		connections: scopes[atlas.Connection]{},
		services:    scopes[atlas.PrivateEndpointService]{},
	}
}

// Links is the list of a project's private links by ID, as visible to the client's credential.
func (i *Inventory) Links(client *atlas.Client, projectID string) *List[atlas.PrivateLink] {
	at := scope{project: projectID}
	return listOf(i, i.links, at, client.CredentialKey(), func(ctx context.Context, counted *bool) (map[string]*atlas.PrivateLink, error) {
		return client.ListPrivateLinks(ctx, projectID, counted)
	})
}

// Connections is the list of a workspace's connections by name, as visible to the client's credential.
func (i *Inventory) Connections(client *atlas.Client, projectID, workspace string) *List[atlas.Connection] {
	at := scope{project: projectID, workspace: workspace}
	return listOf(i, i.connections, at, client.CredentialKey(), func(ctx context.Context, counted *bool) (map[string]*atlas.Connection, error) {
		return client.ListConnections(ctx, projectID, workspace, counted)
	})
}

// Services is the list of a project's private endpoint services at a cloud provider, by ID. For AWS it falls back to
// the call of API version 1.0 if the current one is not supported.
func (i *Inventory) Services(client *atlas.Client, projectID, provider string) *List[atlas.PrivateEndpointService] {
	at := scope{project: projectID, provider: provider}
	return listOf(i, i.services, at, client.CredentialKey(), func(ctx context.Context, _ *bool) (map[string]*atlas.PrivateEndpointService, error) {
		return services(ctx, client, projectID, provider)
	})
}

func services(ctx context.Context, client *atlas.Client, projectID, provider string) (map[string]*atlas.PrivateEndpointService, error) {
	services, err := client.ListPrivateEndpointServices(ctx, projectID, provider)
	if err != nil && provider == "AWS" && isUnsupported(err) {
		return client.ListPrivateEndpointsV1(ctx, projectID)
	}
	return services, err
}

// isUnsupported reports whether the call does not exist, as opposed to the project.
func isUnsupported(err error) bool {
	answer, ok := atlas.AsError(err)
	missing := ok && answer.StatusCode == http.StatusNotFound
	return atlas.IsGone(err) || (missing && !atlas.IsProjectNotFound(err))
}

// scope identifies the objects of a list, independent of the credential.
type scope struct{ project, workspace, provider string }

// object of Atlas. Key is unique in its list.
type object interface{ Key() string }

// scopes hold the lists of one kind of object.
type scopes[T object] map[scope]*scopeCache[T]

// scopeCache holds one list per credential. They share the overlay, because a resource must see an object that was
// created with another credential.
type scopeCache[T object] struct {
	overlay *overlay[T]
	lists   map[string]*List[T]
}

func listOf[T object](i *Inventory, s scopes[T], at scope, credential string, pages pages[T]) *List[T] {
	i.mu.Lock()
	defer i.mu.Unlock()
	known := s[at]
	if known == nil {
		known = &scopeCache[T]{
			overlay: &overlay[T]{settle: i.options.Settle, byKey: map[string]overlayEntry[T]{}},
			lists:   map[string]*List[T]{},
		}
		s[at] = known
	}
	list, ok := known.lists[credential]
	if !ok {
		list = &List[T]{
			clock: i.options.Clock, interval: i.options.PollInterval, overlay: known.overlay,
			watchers: map[*watcher[T]]struct{}{}, pending: map[string]time.Time{},
		}
		known.lists[credential] = list
	}
	now := i.options.Clock.Now()
	list.usedAt = now
	list.mu.Lock()
	list.pages = pages // the client of the previous one may be closed
	list.mu.Unlock()
	if !ok {
		s.dropIdle(now)
	}
	return list
}

func (s scopes[T]) dropIdle(now time.Time) {
	maps.DeleteFunc(s, func(_ scope, known *scopeCache[T]) bool {
		maps.DeleteFunc(known.lists, func(_ string, list *List[T]) bool {
			return now.Sub(list.usedAt) > idleLifetime && !list.watched()
		})
		return len(known.lists) == 0
	})
}

// ListStats aggregates the lists of one kind of object over all projects, workspaces and credentials.
type ListStats struct {
	// Kind of the objects: "privateLinks", "connections" or "privateEndpointServices".
	Kind string
	// Kept is the number of lists, Failing the number of those whose last call failed.
	Kept, Failing int
	// Oldest is the start of the oldest polled list; zero if none is polled. Lists without watchers are read only on
	// demand, so their age is meaningless.
	Oldest time.Time
}

// Stats returns the statistics of every kind.
func (i *Inventory) Stats() []ListStats {
	i.mu.Lock()
	defer i.mu.Unlock()
	return []ListStats{
		statsOf("privateLinks", i.links), statsOf("connections", i.connections),
		statsOf("privateEndpointServices", i.services),
	}
}

func statsOf[T object](kind string, s scopes[T]) ListStats {
	stats := ListStats{Kind: kind}
	for _, known := range s {
		for _, list := range known.lists {
			list.mu.Lock()
			begun, polled, failing := list.last.Begun, len(list.watchers) > 0, list.failure != nil
			list.mu.Unlock()
			stats.Kept++
			if failing {
				stats.Failing++
			}
			if polled && !begun.IsZero() && (stats.Oldest.IsZero() || begun.Before(stats.Oldest)) {
				stats.Oldest = begun
			}
		}
	}
	return stats
}
