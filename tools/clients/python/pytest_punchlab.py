"""punchlab for pytest: worlds behind NATs as a fixture. Needs punchlab and nothing but Python's standard library.

    pytest -p pytest_punchlab               (with this folder in PYTHONPATH)

    def test_two_homes(lab):
        world = lab.up("port-restricted", "symmetric")   # alice behind the first, bob behind the second
        server = world.start("server", "python3", "rendezvous.py")
        assert world.run("alice", "python3", "peer.py", world.address("server")).returncode == 1
        assert world.why("alice", "bob")["cause"] == "port-not-open"

`lab` ends all worlds of a test with the test. Without pytest: `with pytest_punchlab.World("symmetric") as world: ...`
The environment variable PUNCHLAB names another punchlab than the first in PATH.
"""
import json
import os
import shlex
import socket
import subprocess
import sys

VERSION = 1  # of what a world says of itself (sim/README.md)


class Error(Exception):
    """What punchlab complains of."""


class World:
    """A world that stands until end(), or until this program ends, whatever ends it.

    specs: the NATs of alice, bob, carol, ...; or one scenario file, of which `match` chooses a scenario.
    options: further words of the command line of `punchlab up`.
    """

    def __init__(self, *specs, match=None, options=()):
        self.command = os.environ.get("PUNCHLAB", "punchlab")
        words = ["up", "--json", "--stdin", "--quiet", "--keep", "none", *options]
        words += ["-k", match] if match is not None else []
        self._up = subprocess.Popen([self.command, *words, *specs], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
        line = self._up.stdout.readline()
        if not line:
            raise Error(self._up.communicate()[1].strip())
        self.about = json.loads(line)
        if self.about["version"] != VERSION:
            self.end()
            raise Error(f"punchlab speaks version {self.about['version']}, and this is for version {VERSION}")
        self._programs = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.end()

    def end(self):
        """Ends the world and all that runs in it. Raises Error if something of it was lost."""
        if self._up.poll() is None:
            _, said = self._up.communicate()
            if self._up.returncode != 0:
                raise Error(said.strip() or f"punchlab up ended with {self._up.returncode}")

    def node(self, name):
        """What is told of a host or box: name, kind, addresses, public, behind, nat."""
        for node in self.about["nodes"]:
            if node["name"] == name:
                return node
        raise Error(f"there is no host or box named {name}")

    def address(self, name):
        return self.node(name)["addresses"][0]

    def _words(self, host, argv):
        return [self.command, "exec", "--name", self.about["name"], host, "--", *map(str, argv)]

    def run(self, host, *argv, timeout=60, **options):
        """Runs a program there to its end, as subprocess.run() would: stdout and stderr are texts."""
        return subprocess.run(self._words(host, argv), capture_output=True, text=True, timeout=timeout, **options)

    def start(self, host, *argv, ready=None, **options):
        """Starts a program there, as subprocess.Popen; with `ready`, waits for a line that contains it.

        Its output is a pipe: read it, or give a program that says much stdout=subprocess.DEVNULL.
        """
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, **options}
        program = subprocess.Popen(self._words(host, argv), **options)
        self._programs.append(program)
        while ready is not None:
            line = program.stdout.readline()
            if not line:
                raise Error(f"{host}: {shlex.join(map(str, argv))} ended, and never said {ready!r}")
            if ready in line:
                break
        return program

    def call(self, on, name, *arguments):
        """Any call of the scenario language (scenarios/README.md) on "lab", a host, a box or "HOST link".

        Returns what it returns, as one value or a list of several. {"node": NAME} is a host or box.
        """
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(f"\0punchlab-calls/{self.about['pid']}")
            there.sendall(json.dumps({"on": on, "call": name, "args": arguments}).encode())
            there.shutdown(socket.SHUT_WR)
            answer = json.load(there.makefile())
        if "error" in answer:
            raise Error(answer["error"])
        result = answer["result"]
        return result[0] if len(result) == 1 else result or None

    def count(self, interface, packets=None):
        """How many packets were captured at "nat-a wan" so far that match a pcap filter."""
        return self.call("lab", "count", interface, *([packets] if packets else []))

    def why(self, one, other, protocol=None):
        """What the trace tells of two hosts: outcome, cause, box, help, text, ..."""
        return self.call("lab", "why", {"node": one}, {"node": other}, *([protocol] if protocol else []))


class Lab:
    """Makes worlds, and ends them all together."""

    def __init__(self):
        self.worlds = []

    def up(self, *specs, **options):
        self.worlds.append(World(*specs, **options))
        return self.worlds[-1]

    def end(self):
        """Ends all worlds, whatever became of one. Raises the first Error, if any."""
        errors = []
        for world in self.worlds:
            try:
                world.end()
            except Error as error:
                errors.append(error)
        if errors:
            raise errors[0]


if "pytest" in sys.modules:
    import pytest

    @pytest.fixture
    def lab():
        """A Lab whose worlds end with the test."""
        one = Lab()
        yield one
        one.end()
