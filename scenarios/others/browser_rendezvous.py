"""What introduces two browsers: browser_rendezvous.py PORT [ADDRESS]

At all addresses of IPv4, or at ADDRESS, which may be :: and then is all addresses of both families. Serves
browser_peer.html, keeps what each side tells the other, one message after the other, for who asks for it by its number
(null: there is none yet), and says every line that a page reports.
"""
import collections
import http.server
import pathlib
import socket
import sys
import threading

PATIENCE_S = 60
PAGE = pathlib.Path(__file__).with_name("browser_peer.html")

told = collections.defaultdict(list)
something_new = threading.Condition()


class Rendezvous(http.server.BaseHTTPRequestHandler):
    def answer(self, body=b"", kind="text/plain"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/tell/"):
            path, number = self.path.split("?")
            with something_new:
                something_new.wait_for(lambda: int(number) < len(told[path]), PATIENCE_S)
                message = told[path][int(number):][:1]
            self.answer(message[0] if message else b"null")
        elif self.path.startswith("/page"):
            self.answer(PAGE.read_bytes(), "text/html")
        else:
            self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/report":
            sys.stdout.write(body.decode() + "\n")  # in one: each request has its thread
            sys.stdout.flush()
        with something_new:
            told[self.path].append(body)
            something_new.notify_all()
        self.answer()

    def log_message(self, *_):
        pass


port, address = int(sys.argv[1]), (sys.argv[2:] or [""])[0]
http.server.ThreadingHTTPServer.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
server = http.server.ThreadingHTTPServer((address, port), Rendezvous)
print("ready", flush=True)
server.serve_forever()
