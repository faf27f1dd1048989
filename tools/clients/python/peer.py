"""The smallest thing that punches: a rendezvous (peer.py PORT) and a peer (peer.py SERVER:PORT).

Two peers say hello to the rendezvous, which tells each the address it saw of the other. Each sends to that address, four
times a second, and says "through" and exits 0 when something of the other has come; 10 seconds after it was told, or after
a minute if it is not, "shut", and 1.
"""
import socket
import sys
import time


def rendezvous(port):
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(("0.0.0.0", port))
    print("ready", flush=True)
    peers = []
    while True:
        _, seen = here.recvfrom(100)
        if seen not in peers:
            peers.append(seen)
        if len(peers) == 2:
            for one, other in (peers, reversed(peers)):
                here.sendto(("%s:%d" % other).encode(), one)
            peers = []


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def peer(server):
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.settimeout(0.25)
    to, heard, until = address(server), False, time.monotonic() + 60
    while time.monotonic() < until:
        here.sendto(b"heard" if heard else b"hello", to)
        try:
            text, sender = here.recvfrom(100)
        except OSError:
            continue
        if sender == address(server):
            to, until = address(text.decode()), time.monotonic() + 10
        elif text == b"heard":
            here.sendto(b"heard", sender)
            print("through", flush=True)
            return 0
        else:
            to, heard = sender, True
    print("shut", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(peer(sys.argv[1]) if ":" in sys.argv[1] else rendezvous(int(sys.argv[1])))
