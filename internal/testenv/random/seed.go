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
