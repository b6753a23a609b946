package inventory

import "time"

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

func statsOf[T object](kind string, s cache[T]) ListStats {
	stats := ListStats{Kind: kind}
	for _, known := range s {
		for _, list := range known.lists {
			begun, polled, failing := list.condition()
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

// condition returns the start of the last complete list, whether it is polled, and whether the last call failed.
func (l *List[T]) condition() (begun time.Time, polled, failing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.Begun, len(l.watchers) > 0, l.failure != nil
}
