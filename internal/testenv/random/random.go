// Package random is for tests with random input that can be replayed.
package random

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Seed returns the environment variable SEED, which replays a run, or else a new seed. It is logged.
func Seed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("SEED=%d", seed)
	return seed
}

// Choices turns bytes into choices: each takes one byte, and those that are missing count as zero. So a fuzzer can
// change one choice at a time.
type Choices struct{ Bytes []byte }

// Of chooses one of n.
func (c *Choices) Of(n int) int {
	if len(c.Bytes) == 0 {
		return 0
	}
	next := c.Bytes[0]
	c.Bytes = c.Bytes[1:]
	return int(next) % n
}

// Maybe chooses between false and true.
func (c *Choices) Maybe() bool { return c.Of(2) == 1 }

// Pick chooses one of the values.
func Pick[T any](c *Choices, from ...T) T { return from[c.Of(len(from))] }
