"""A BitTorrent tracker, and something to share: torrent_tracker.py FOLDER ADDRESS PORT

Leaves a file in FOLDER/seed and its torrent in FOLDER/torrent/lab.torrent. Says "ready", and "announced ADDRESS PORT" of
each peer the first time; tells each of all others.
"""
import hashlib
import http.server
import os
import pathlib
import socket
import struct
import sys
import urllib.parse

PIECE = 16384
SIZE = 8 * PIECE
INTERVAL_S = 2

peers = {}


def bencoded(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, dict):
        return b"d" + b"".join(bencoded(key) + bencoded(value[key]) for key in sorted(value)) + b"e"
    text = value if isinstance(value, bytes) else value.encode()
    return b"%d:%s" % (len(text), text)


def share(folder, announce):
    data = os.urandom(SIZE)
    pieces = b"".join(hashlib.sha1(data[at:at + PIECE]).digest() for at in range(0, SIZE, PIECE))
    info = {"length": SIZE, "name": "shared", "piece length": PIECE, "pieces": pieces, "private": 1}
    (folder / "seed").mkdir()
    (folder / "seed" / "shared").write_bytes(data)
    (folder / "torrent").mkdir()
    (folder / "torrent" / "lab.torrent").write_bytes(bencoded({"announce": announce, "info": info}))


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, encoding="latin-1")
        me = self.client_address[0], int(asked["port"][0])
        if me not in peers:
            sys.stdout.write("announced %s %d\n" % me)
            sys.stdout.flush()
        peers[me] = socket.inet_aton(me[0]) + struct.pack("!H", me[1])
        others = b"".join(where for who, where in peers.items() if who != me)
        body = bencoded({"interval": INTERVAL_S, "min interval": INTERVAL_S, "peers": others})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(folder, address, port):
    share(pathlib.Path(folder), "http://%s:%s/announce" % (address, port))
    server = http.server.ThreadingHTTPServer((address, int(port)), Tracker)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
