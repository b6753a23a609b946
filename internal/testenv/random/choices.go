package random

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
