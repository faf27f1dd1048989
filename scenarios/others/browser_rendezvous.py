"""What introduces two browsers: browser_rendezvous.py PORT

Serves browser_peer.html, keeps what each side has to tell the other until it is asked for, and says every line that a page
reports.
"""
import http.server
import pathlib
import sys
import threading

PATIENCE_S = 60
PAGE = pathlib.Path(__file__).with_name("browser_peer.html")

told = {}
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
            with something_new:
                something_new.wait_for(lambda: self.path in told, PATIENCE_S)
                self.answer(told.get(self.path, b""))
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
            told[self.path] = body
            something_new.notify_all()
        self.answer()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("", int(sys.argv[1])), Rendezvous)
print("ready", flush=True)
server.serve_forever()
