package inventory

import "time"

// ListStats are the lists of one kind of object, of all projects, workspaces and credentials together.
type ListStats struct {
	// Kind of the objects: "privateLinks", "connections" or "privateEndpointServices".
	Kind string
	// Kept is the number of lists, Failing of those whose last call failed.
	Kept, Failing int
	// Oldest is when the oldest of the lists that are polled began; zero when none is polled. A list without watchers
	// is only read when it is needed, and its age means nothing.
	Oldest time.Time
}

// Stats describe the lists of every kind.
func (i *Inventory) Stats() []ListStats {
	i.mu.Lock()
	defer i.mu.Unlock()
	return []ListStats{
		statsOf("privateLinks", &i.links), statsOf("connections", &i.connections),
		statsOf("privateEndpointServices", &i.services),
	}
}

func statsOf[T any](kind string, s *cache[T]) ListStats {
	stats := ListStats{Kind: kind}
	for _, byCredential := range s.lists {
		for _, list := range byCredential {
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

// condition is when the last complete list began, whether it is polled, and whether the last call failed.
func (l *List[T]) condition() (begun time.Time, polled, failing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.Begun, len(l.watchers) > 0, l.failure != nil
}
