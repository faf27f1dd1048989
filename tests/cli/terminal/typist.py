"""
Types at a program on a pseudo-terminal: no key but Ctrl-D on an empty line, and Ctrl-C, may end it.

    typist.py keys TERM COMMAND...     every editing key, on an empty line, a typed one, one typed and erased
    typist.py end KEYS TERM COMMAND... types KEYS (a Python escape) and tells whether the program ended: "ended N"
    typist.py shows KEYS TEXT TERM COMMAND... types KEYS and tells whether TEXT is drawn then: "shown"; then ends it by Ctrl-C
    typist.py screen TERM COMMAND...   types half a line and prints "typed PORT", of the socket that COMMAND says it has; then,
                                       when a line has come in, all that was drawn
    typist.py over KEYS END COMES COLUMNS TERM COMMAND... types KEYS on a terminal so wide; when its last line ends with END prints
                                       the same, or "typed" of a COMMAND without port; and when the pattern COMES is there
                                       and END again, what the terminal shows, line by line
    typist.py anew KEYS HAPPENS TERM COMMAND... types KEYS, which are drawn as they are; when the terminal is then "resized", or
                                       "continued" (taken away and given back), waits until they are drawn anew: "drawn"

COMMAND must understand `help`, and its help must name `quit`.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

from screen import Screen

DEADLINE_S = 30
RELEASE = b"\x11\x07\x05\x15"  # Ctrl-Q after a Ctrl-S; Ctrl-G ends a search; Ctrl-E Ctrl-U empty the line

CONTROLS = [(f"Ctrl-{chr(64 + i)}", bytes([i])) for i in range(32) if chr(64 + i) not in "CDZ\\"]
SEQUENCES = [
    ("Backspace", b"\x7f"), ("Left", b"\x1b[D"), ("Right", b"\x1b[C"), ("Up", b"\x1b[A"), ("Down", b"\x1b[B"),
    ("Home", b"\x1b[H"), ("End", b"\x1b[F"), ("Home of a vt220", b"\x1b[1~"), ("Insert", b"\x1b[2~"),
    ("Delete", b"\x1b[3~"), ("Page Up", b"\x1b[5~"), ("Page Down", b"\x1b[6~"), ("Left, application", b"\x1bOD"),
    ("Up, application", b"\x1bOA"), ("F1", b"\x1bOP"), ("F5", b"\x1b[15~"), ("Ctrl-Left", b"\x1b[1;5D"),
    ("Meta-b", b"\x1bb"), ("Meta-d", b"\x1bd"), ("Meta-Backspace", b"\x1b\x7f"), ("Meta-u", b"\x1bu"),
    ("half a character", b"\xc3"), ("a character of two bytes", b"\xc3\xa9"), ("a byte that is none", b"\xff"),
]
STATES = [("an empty line", b""), ("a typed line", b"abc"), ("a typed line, erased", b"abc\x7f\x7f\x7f")]


class Terminal:
    def __init__(self, term, command, columns=40):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.environ["TERM"] = term
            os.execvp(command[0], command)
        self.seen = b""
        self.columns = columns

    def read(self, wait_s):
        if not select.select([self.fd], [], [], wait_s)[0]:
            return True
        try:
            more = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += more
        return more != b""

    def wait_for(self, is_there):
        end = time.monotonic() + DEADLINE_S
        while not is_there(self.seen):
            if not self.read(0.2) or time.monotonic() > end:
                return is_there(self.seen)
        return True

    def type(self, keys):
        os.write(self.fd, keys)

    def lines(self):
        """What it shows, line by line."""
        return Screen(self.columns).draw(self.seen.decode(errors="ignore")).lines() or [""]

    def answers(self):
        """True if the program is there and obeys: help is typed until its last line is seen."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            before = self.seen.count(b"quit   ")
            try:
                self.type(RELEASE + b"\rhelp\r")
            except OSError:
                return False
            again = time.monotonic() + 2
            while time.monotonic() < again:
                if self.seen.count(b"quit   ") > before:
                    return True
                if not self.read(0.2):
                    return False
        return False

    def end(self):
        """Its exit status; it is killed if it does not end."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                return os.waitstatus_to_exitcode(status)
            self.read(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def try_keys(term, command):
    failed = 0
    terminal = Terminal(term, command)
    for state, typed in STATES:
        for name, key in CONTROLS + SEQUENCES:
            terminal.type(typed + key)
            if not terminal.answers():
                print(f"{name} on {state} ends it (TERM={term})")
                failed += 1
                terminal.end()
                terminal = Terminal(term, command)
    terminal.type(RELEASE + b"\rquit\r")
    if terminal.end() != 0:
        print("quit does not end it")
        failed += 1
    print(f"{len(STATES) * len(CONTROLS + SEQUENCES)} tried")
    return failed == 0


def try_end(keys, term, command):
    terminal = Terminal(term, command)
    if not terminal.answers():
        return False
    terminal.type(keys)
    print("ended", terminal.end())
    return True


def try_shows(keys, text, term, command):
    terminal = Terminal(term, command)
    if not terminal.answers():
        return False
    before = len(terminal.seen)
    terminal.type(keys)
    if not terminal.wait_for(lambda seen: text in seen[before:]):
        print("drawn instead:", repr(terminal.seen[before:]))
        return False
    print("shown")
    terminal.type(b"\x03\x03")
    print("ended", terminal.end())
    return True


def show_screen(term, command):
    terminal = Terminal(term, command)
    terminal.wait_for(lambda seen: b">>> " in seen)
    terminal.type(b"x" * 60)
    terminal.wait_for(lambda seen: seen.count(b"x") >= 60)
    print("typed", re.search(rb"bind on \S+:(\d+)", terminal.seen)[1].decode(), flush=True)
    terminal.wait_for(lambda seen: b"came in" in seen)
    terminal.wait_for(lambda seen: seen.split(b"came in")[-1].count(b"x") >= 60)
    print(repr(terminal.seen))
    terminal.type(b"\x15\x04")
    return terminal.end() == 0


def show_over(keys, end, comes, columns, term, command):
    terminal = Terminal(term, command, columns)
    terminal.wait_for(lambda seen: b">>> " in seen)
    terminal.type(keys)
    if not terminal.wait_for(lambda seen: terminal.lines()[-1].endswith(end)):
        print("shown instead:", terminal.lines())
        return False
    port = re.search(rb"bind on \S+:(\d+)", terminal.seen)
    print("typed", port[1].decode() if port else "", flush=True)
    terminal.wait_for(lambda seen: re.search(comes, "".join(terminal.lines())) and terminal.lines()[-1].endswith(end))
    print(*terminal.lines(), sep="\n")
    terminal.type(b"\x15\x04")
    return terminal.end() == 0


def happen(terminal, what, shells):
    if what == "resized":
        fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
        return
    os.kill(terminal.pid, signal.SIGSTOP)
    os.waitpid(terminal.pid, os.WUNTRACED)
    termios.tcsetattr(terminal.fd, termios.TCSANOW, shells)
    os.kill(terminal.pid, signal.SIGCONT)


def show_anew(keys, what, term, command):
    terminal = Terminal(term, command)
    shells = termios.tcgetattr(terminal.fd)
    line = b">>> " + keys
    terminal.wait_for(lambda seen: b">>> " in seen)
    terminal.type(keys)
    if not terminal.wait_for(lambda seen: terminal.lines()[-1] == line.decode()):
        return False
    before = len(terminal.seen)
    happen(terminal, what, shells)
    if not terminal.wait_for(lambda seen: line in seen[before:]):
        print("drawn instead:", repr(terminal.seen[before:]))
        return False
    print("drawn")
    terminal.type(b"\x15\x04")
    return terminal.end() == 0


def as_typed(keys):
    """Python's escapes, and letters of any script as they are."""
    return keys.encode().decode("unicode_escape").encode("latin-1")


def main():
    what, words = sys.argv[1], sys.argv[2:]
    if what == "keys":
        ok = try_keys(words[0], words[1:])
    elif what == "end":
        ok = try_end(as_typed(words[0]), words[1], words[2:])
    elif what == "shows":
        ok = try_shows(as_typed(words[0]), words[1].encode(), words[2], words[3:])
    elif what == "over":
        ok = show_over(as_typed(words[0]), words[1], words[2], int(words[3]), words[4], words[5:])
    elif what == "anew":
        ok = show_anew(as_typed(words[0]), words[1], words[2], words[3:])
    else:
        ok = show_screen(words[0], words[1:])
    return 0 if ok else 1


sys.exit(main())
