"""One side of an ICE session by aioice: ice_peer.py NAME CONTROLLING FOLDER STUN [TURN USER PASSWORD]

The two sides leave their candidates as files in FOLDER, which stands for their signalling. Says "connected TYPE FAMILY MS"
with the type and the family of the remote candidate of the nominated pair, and exits 0 when a text went each way; or
"failed", and 1.
"""
import asyncio
import ipaddress
import json
import pathlib
import sys
import time

import aioice

TIMEOUT_S = 15


async def exchange(folder, mine, connection):
    """Leaves what this side has, and returns what the other has left."""
    told = {"user": connection.local_username, "password": connection.local_password,
            "candidates": [candidate.to_sdp() for candidate in connection.local_candidates]}
    unfinished = folder / (mine + ".new")
    unfinished.write_text(json.dumps(told))
    unfinished.rename(folder / mine)
    while True:
        for other in folder.glob("side-*"):
            if other.name != mine and not other.name.endswith(".new"):
                return json.loads(other.read_text())
        await asyncio.sleep(0.02)


async def session(name, controlling, folder, stun, turn):
    options = {"turn_server": (turn[0], 3478), "turn_username": turn[1], "turn_password": turn[2],
               "transport_policy": aioice.ice.TransportPolicy.RELAY} if turn else {}
    asked = None if turn else (stun, 3478)  # by a relay alone, nothing else is gathered
    connection = aioice.Connection(ice_controlling=controlling, stun_server=asked, **options)
    await connection.gather_candidates()
    remote = await exchange(pathlib.Path(folder), "side-" + name, connection)
    for line in remote["candidates"]:
        await connection.add_remote_candidate(aioice.Candidate.from_sdp(line))
    await connection.add_remote_candidate(None)
    connection.remote_username, connection.remote_password = remote["user"], remote["password"]
    print("candidates", len(connection.local_candidates), flush=True)
    began = time.monotonic()
    await connection.connect()
    took = round((time.monotonic() - began) * 1000)
    await connection.send(b"from " + name.encode())
    text = await connection.recv()
    remote = connection._nominated[1].remote_candidate
    print("connected", remote.type, f"IPv{ipaddress.ip_address(remote.host).version}", took, text.decode(), flush=True)
    await asyncio.sleep(0.5)  # the other's last check may still want its answer
    await connection.close()


async def main(name, controlling, folder, stun, *turn):
    try:
        await asyncio.wait_for(session(name, controlling == "1", folder, stun, turn), TIMEOUT_S)
    except (ConnectionError, asyncio.TimeoutError) as error:
        print("failed", type(error).__name__, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
