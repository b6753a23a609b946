package testenv_test

import (
	"net"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv"
)

// ephemeral is the lowest port that Linux gives to connections and to listeners on port 0. Other systems begin higher.
const ephemeral = 32768

func TestFreeAddressIsReserved(t *testing.T) {
	g := NewWithT(t)
	seen := map[string]bool{}
	for range 100 {
		address, err := testenv.FreeAddress()
		g.Expect(err).NotTo(HaveOccurred())
		_, text, err := net.SplitHostPort(address)
		g.Expect(err).NotTo(HaveOccurred())
		port, err := strconv.Atoi(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(port).To(And(BeNumerically(">", 1023), BeNumerically("<", ephemeral)))
		g.Expect(seen).NotTo(HaveKey(address))
		seen[address] = true

		var config net.ListenConfig
		listener, err := config.Listen(t.Context(), "tcp", address)
		g.Expect(err).NotTo(HaveOccurred(), "the program itself can listen")
		g.Expect(listener.Close()).To(Succeed())
		_, err = config.ListenPacket(t.Context(), "udp", address)
		g.Expect(err).To(MatchError(ContainSubstring("in use")), "another process cannot reserve it")
	}
}
