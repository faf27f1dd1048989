"""peer.py through two NATs. Run it in this folder: PUNCHLAB=../../../punchlab python3 -m pytest -p pytest_punchlab"""
import pathlib

import pytest

PEER = pathlib.Path(__file__).parent / "peer.py"
PYTHON = "/usr/bin/python3"


def punch(world):
    """Both peers' exit statuses."""
    world.start("server", PYTHON, PEER, 7000, ready="ready")
    server = world.address("server") + ":7000"
    peers = [world.start(host, PYTHON, PEER, server) for host in ("alice", "bob")]
    return [peer.wait(120) for peer in peers]


def test_two_cones_open(lab):
    world = lab.up("port-restricted", "port-restricted")
    assert punch(world) == [0, 0]
    assert world.why("alice", "bob")["outcome"] == "open"
    assert world.count("nat-a wan", "udp and src host " + world.address("nat-b")) > 0


def test_symmetric_stays_shut_and_why(lab):
    world = lab.up("port-restricted", "symmetric")
    assert punch(world) == [1, 1]
    why = world.why("alice", "bob")
    assert why["outcome"] == "shut"
    assert "symmetric" in " ".join(why["text"]) or "another port" in " ".join(why["text"])


def test_a_wrong_spec_says_what_there_is(lab):
    with pytest.raises(Exception, match="conical"):
        lab.up("conical")
