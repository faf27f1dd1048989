"""One side of a WireGuard tunnel with a punching helper: wireguard_node.py NAME FOLDER STUN ADDRESS PEER PEER-ADDRESS

WireGuard itself asks nobody where it is seen from. The helper does, from the very port that WireGuard then listens on,
leaves the answer and the public key as a file in FOLDER, which stands for its signalling, and names the other's as
WireGuard's peer. Says "tunnel" when wireguard-go (in user space, by /dev/net/tun) runs and knows whom to talk to.
"""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

PORT = 51820
MAGIC_COOKIE = 0x2112A442
BINDING_REQUEST, XOR_MAPPED_ADDRESS = 0x0001, 0x0020
KEEPALIVE_S = "1"  # keeps trying; who is heard from another port is answered there


def seen_as(stun):
    """The address and port that a STUN server (RFC 8489) sees of a socket bound to PORT."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("", PORT))
        asking.settimeout(0.5)
        for _ in range(20):
            asking.sendto(struct.pack("!HHI12s", BINDING_REQUEST, 0, MAGIC_COOKIE, os.urandom(12)), (stun, 3478))
            try:
                return mapped(asking.recv(1500))
            except socket.timeout:
                continue
    raise SystemExit("the STUN server does not answer")


def mapped(answer):
    at = 20
    while at + 4 <= len(answer):
        kind, length = struct.unpack_from("!HH", answer, at)
        if kind == XOR_MAPPED_ADDRESS:
            port, address = struct.unpack_from("!HI", answer, at + 6)
            return "%s:%d" % (socket.inet_ntoa(struct.pack("!I", address ^ MAGIC_COOKIE)), port ^ (MAGIC_COOKIE >> 16))
        at += 4 + (length + 3) // 4 * 4
    raise SystemExit("the STUN server's answer has no address")


def run(*words, **options):
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE, **options).stdout.strip()


def exchange(folder, name, peer, text):
    """Leaves what this side has, and returns what the other has left."""
    unfinished = folder / (name + ".new")
    unfinished.write_text(text)
    unfinished.rename(folder / name)
    while not (folder / peer).exists():
        time.sleep(0.02)
    return (folder / peer).read_text()


def main(name, folder, stun, address, peer, peer_address):
    private = run("wg", "genkey")
    public = run("wg", "pubkey", input=private)
    key_file = pathlib.Path(folder, name + ".key")
    key_file.write_text(private)
    endpoint = seen_as(stun)
    other_key, other_endpoint = exchange(pathlib.Path(folder), name, peer, public + " " + endpoint).split()
    interface = "wg-" + name  # its control socket's name too, in a /run that all hosts of a world share
    # It stays in the background, and would hold a pipe open.
    subprocess.run(["wireguard-go", interface], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("wg", "set", interface, "listen-port", str(PORT), "private-key", str(key_file), "peer", other_key,
        "endpoint", other_endpoint, "allowed-ips", peer_address + "/32", "persistent-keepalive", KEEPALIVE_S)
    run("ip", "address", "add", address + "/24", "dev", interface)
    run("ip", "link", "set", interface, "up")
    print("tunnel", endpoint, "to", other_endpoint, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
