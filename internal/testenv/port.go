package testenv

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
)

var reserved sync.Map // sockets by address, open until this process ends

// FreeAddress returns a loopback address (host:port) for a program that is started later. The port is below those that
// systems give to outgoing connections and to listeners on port 0, so that none of these takes it before the program
// listens. While this process runs, no other call in any process returns it: the UDP socket is the reservation.
func FreeAddress() (string, error) {
	for range 100 {
		address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 10000+rand.N[uint16](20000))
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(address))
		if err != nil {
			continue
		}
		reserved.Store(address, socket)
		if listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(address)); err == nil {
			return address.String(), listener.Close()
		}
	}
	return "", errors.New("find a free port: none of 100 between 10000 and 30000 is")
}
