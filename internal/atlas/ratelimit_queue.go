package atlas

import "slices"

// oldestTurn: every so many turns goes to who has waited longest, whatever the
// priority. Without it a flood of writes would hold up the lists that tell how
// the writes went.
const oldestTurn = 10

// waiter is a place in a queue. granted is closed when its turn has come.
type waiter struct {
	priority Priority
	arrival  uint64
	granted  chan struct{}
}

// queue is ordered by priority, then by arrival. Its zero value is empty.
type queue struct {
	lines    [PriorityWrite + 1][]*waiter // by priority
	arrivals uint64
	turns    uint64
}

func (q *queue) empty() bool { return q.ahead(PriorityList) == 0 }

// ahead counts those who go before a newcomer of the priority.
func (q *queue) ahead(p Priority) int {
	n := 0
	for _, line := range q.lines[p:] {
		n += len(line)
	}
	return n
}

func (q *queue) push(p Priority) *waiter {
	q.arrivals++
	w := &waiter{priority: p, arrival: q.arrivals, granted: make(chan struct{})}
	q.lines[p] = append(q.lines[p], w)
	return w
}

// pop takes out who is next; the queue must not be empty.
func (q *queue) pop() *waiter {
	q.turns++
	var next *waiter
	for _, line := range q.lines {
		if len(line) == 0 {
			continue
		}
		if first := line[0]; next == nil || q.turns%oldestTurn != 0 || first.arrival < next.arrival {
			next = first
		}
	}
	q.remove(next)
	return next
}

// remove is false when the waiter is not in the queue any more.
func (q *queue) remove(w *waiter) bool {
	line := q.lines[w.priority]
	i := slices.Index(line, w)
	if i < 0 {
		return false
	}
	q.lines[w.priority] = slices.Delete(line, i, i+1)
	return true
}
