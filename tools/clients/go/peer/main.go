// The smallest thing that punches: a rendezvous (peer PORT) and a peer (peer SERVER:PORT).
//
// Two peers say hello to the rendezvous, which tells each the address it saw of the other. Each sends to that address,
// four times a second, and says "through" and exits 0 when something of the other has come; 10 seconds after it was told,
// or after a minute if it is not, "shut", 1.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func rendezvous(here net.PacketConn) {
	fmt.Println("ready")
	var peers []net.Addr
	buffer := make([]byte, 100)
	for {
		_, seen, err := here.ReadFrom(buffer)
		if err != nil || (len(peers) == 1 && peers[0].String() == seen.String()) {
			continue
		}
		if peers = append(peers, seen); len(peers) == 2 {
			here.WriteTo([]byte(peers[1].String()), peers[0])
			here.WriteTo([]byte(peers[0].String()), peers[1])
			peers = nil
		}
	}
}

func peer(here net.PacketConn, server net.Addr) int {
	to, word := server, "hello"
	buffer := make([]byte, 100)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		here.WriteTo([]byte(word), to)
		here.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
		n, sender, err := here.ReadFrom(buffer)
		if err != nil {
			continue
		}
		switch text := string(buffer[:n]); {
		case sender.String() == server.String():
			if told, err := net.ResolveUDPAddr("udp4", text); err == nil {
				to, until = told, time.Now().Add(10*time.Second)
			}
		case text == "heard":
			here.WriteTo([]byte("heard"), sender)
			fmt.Println("through")
			return 0
		default:
			to, word = sender, "heard"
		}
	}
	fmt.Println("shut")
	return 1
}

func main() {
	word := os.Args[1]
	local := ":0"
	if !strings.Contains(word, ":") {
		local = ":" + word
	}
	here, err := net.ListenPacket("udp4", local)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if local != ":0" {
		rendezvous(here)
	}
	server, err := net.ResolveUDPAddr("udp4", word)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(peer(here, server))
}
