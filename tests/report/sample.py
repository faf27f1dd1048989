"""Data for the report's page, made up but in the shape of a real run; base.js describes it.

    sample.py matrix|wide|hostile|many|long|crowd OUT.json

matrix   the classic five by five, one cell deviating, one scenario skipped; every scenario with its evidence
wide     nine by nine, and worlds of other shapes: two homes behind one carrier NAT, a hairpin, an ICMP error
hostile  every text is an attempt to run script, break out of its place or move the cursor
many     500 scenarios with evidence
long     one trace of 100,000 journeys
crowd    one trace of a world of 40 hosts, most of them behind four boxes
"""
import json
import sys

TYPES = ["open", "full-cone", "restricted", "port-restricted", "symmetric"]
SHUT = {("port-restricted", "symmetric"), ("symmetric", "port-restricted"), ("symmetric", "symmetric")}
SERVER = "203.0.113.2:3333"
PROBE = "7032700101a4" + "5f3c9b21e8d07746a1c2" + "00" * 12 + "1f"


def slug(text):
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


class World:
    """Two sides, each behind a box unless open, and a server."""

    def __init__(self, a, b):
        self.kinds = {"alice": a, "bob": b}
        self.nodes, self.journeys, self.mappings, self.frame = [], [], [], 0
        self.nodes.append(dict(name="server", kind="host", behind=None, addresses=["203.0.113.2"], nat=None, lan=None))
        for i, (host, box) in enumerate((("alice", "nat-a"), ("bob", "nat-b")), 1):
            public = "203.0.113.%d" % (i * 10)
            behind = None if self.kinds[host] == "open" else box
            if behind:
                self.nodes.append(dict(name=box, kind="box", behind=None, addresses=[public], nat=self.kinds[host],
                                       lan="10.0.%d.0/24" % i))
            self.nodes.append(dict(name=host, kind="host", behind=behind,
                    addresses=["10.0.%d.2" % i if behind else public],
                                   nat=None, lan=None))

    def box(self, host):
        return {"alice": "nat-a", "bob": "nat-b"}[host] if self.kinds.get(host, "open") != "open" else None

    def inside(self, host):
        return SERVER if host == "server" else next(n for n in self.nodes if n["name"] == host)["addresses"][0] + ":5000"

    def outside(self, host, to):
        if host == "server":
            return SERVER
        public = "203.0.113.%d" % (10 if host == "alice" else 20)
        symmetric = self.kinds[host] == "symmetric" and to != "server"
        return "%s:%d" % (public, 48213 + 977 * (host == "bob") if symmetric else 5000)

    def leg(self, t, node, interface, direction, source, destination, ttl):
        self.frame += 1
        return [round(t, 3), node, interface, direction, source, destination, ttl, 0x1a00 + len(self.journeys),
                self.frame]

    def send(self, t, source, to, what, aim=None, dropped=None, reason=None):
        """One datagram: `aim` where it is sent to; `dropped` the node where it ends."""
        inner, outer = self.inside(source), self.outside(source, to)
        aim, landing = aim or self.outside(to, source), self.inside(to)
        legs = [self.leg(t, source, "eth0", "out", inner, aim, 64)]
        mine, theirs = self.box(source), self.box(to)
        if mine:
            legs.append(self.leg(t + 8.2, mine, "lan", "in", inner, aim, 64))
            legs.append(self.leg(t + 19.7, mine, "wan", "out", outer, aim, 63))
        if theirs:
            legs.append(self.leg(t + 33.1, theirs, "wan", "in", outer, aim, 62))
            if not dropped:
                legs.append(self.leg(t + 45.9, theirs, "lan", "out", outer, landing, 61))
        if not dropped:
            legs.append(self.leg(t + 52.4, to, "eth0", "in", outer, landing, 61))
        journey = dict(id=len(self.journeys) + 1, proto="udp", what=what, fate="dropped" if dropped else "delivered",
                       at=dropped or to, reason=reason, length=len(PROBE) // 2, payload=PROBE, cause=None,
                       to=to, legs=legs)
        self.journeys.append(journey)
        for host in (source, to):
            if self.box(host) and not (dropped and host == to):
                self.touch(t, host, to if host == source else source, journey, host == source)
        return journey

    def touch(self, t, host, peer, journey, out):
        peer_address = self.outside(peer, host)
        key = (self.box(host), peer_address)
        for mapping in self.mappings:
            if (mapping["box"], mapping["peer"]) == key:
                mapping["events"].append([t, "refresh" if out else "reply", journey["id"], "timeout 30 s"])
                return
        self.mappings.append(dict(box=key[0], proto="udp", kind="opened from inside", recorded=True, timeout=30,
                inside=self.inside(host), outside=self.outside(host, peer),
                                  peer=peer_address, born=t, died=None, reason=None,
                                  events=[[t, "new", journey["id"], "timeout 30 s"]]))


def scenario(a, b, number, deviates=False, wait_us=480000):
    shut = (a, b) in SHUT
    works = not shut and not deviates
    w = World(a, b)
    t = 2100.0
    for host in ("alice", "bob"):
        w.send(t, host, "server", "LOGIN")
        w.send(t + 130, "server", host, "COOKIE")
        w.send(t + 260, host, "server", "LOGIN")
        w.send(t + 390, "server", host, "LOGGED-IN")
        t += 900
    punch = t = t + 4200.0
    w.send(t, "alice", "server", "PUNCH")
    for host in ("alice", "bob"):
        w.send(t + 120, "server", host, "INTRODUCE")
    t += 300
    reasons = "no mapping of %s lets in %s" if not deviates else "the wan side's INPUT took the packet: port %s is taken by %s"
    for i in range(3 if works else 12):
        for host, peer in (("alice", "bob"), ("bob", "alice")):
            lost = w.box(peer) and (not works or (i == 0 and host == "alice"))
            w.send(t, host, peer, "PROBE", w.outside(peer, "server"), w.box(peer) if lost else None,
                   reasons % (w.box(peer), w.outside(host, peer)) if lost else None)
            t += 60
        t += 50000 if i < 5 else wait_us
    if works:
        w.send(t, "alice", "bob", "TEXT")
    end = t + 3000
    said = "punched 203.0.113.20:5000 direct 41 ms 2 probes" if works else "punch-failed 203.0.113.20:5000 10000 ms: no answer"
    programs = [
        dict(id=1, host="server", name="server", argv=["p2pchat/server", "3333"], started=900, ended=end, status=0,
                lines=[
            [1500, "out", "listening on 0.0.0.0:3333"], [2700, "out", "login alice 203.0.113.10:5000"],
            [3600, "out", "login bob 203.0.113.20:5000"], [punch + 110, "out", "introduce alice and bob"]]),
        dict(id=2, host="alice", name="client", argv=["p2pchat/client", "-b", "0.0.0.0:5000", "server:3333"],
                started=1600, ended=end, status=0, lines=[
            [2000, "in", "login"], [2600, "out", "logged-in 203.0.113.10:5000"], [punch - 20, "in",
                    "punch 203.0.113.20:5000"],
            [end - 2900, "out", said], [end - 800, "err", "client: 14 datagrams sent, 9 received, 0 dropped"]]),
        dict(id=3, host="bob", name="client", argv=["p2pchat/client", "-b", "0.0.0.0:5000", "server:3333"],
                started=1700, ended=end, status=0, lines=[
            [2900, "in", "login"], [3500, "out", "logged-in 203.0.113.20:5000"], [punch + 200, "out",
                    "peer-asks 203.0.113.10:5000"]]),
    ]
    why = explain(w, a, b, shut, deviates)
    failed = deviates
    name = "%s punches %s" % (a, b)
    return dict(
        id=slug(name) + ("-%d" % number if number else ""), name=name, file="scenarios/matrix.lua", line=41, result="failed" if failed else "passed",
        seconds=round(0.21 + end / 1e6,
                3), message="scenarios/matrix.lua:58: expected the punch to open, but it stayed shut\n"
        "  alice, last lines:\n    logged-in 203.0.113.10:5000\n    " + said if failed else None,
        trace="traces/%s.pcapng" % slug(name), command="./punchlab run -k '%s' scenarios/matrix.lua" % name,
        missing=None, detail=dict(nodes=w.nodes, columns=None, journeys=w.journeys, left_out=0, link_only=6, why=why,
                mappings=w.mappings,
                                  programs=programs, steps=[[1900, "both log in"], [punch - 100, "alice punches bob"]]))


def explain(w, a, b, shut, deviates):
    if deviates:
        return [["alice and bob: shut.",
                "alice's probes never reached bob: nat-b took them itself. Its INPUT chain accepted the first of them, the entry "
                "took port 5000, and bob's own packets then left from port 49190.",
                "An INPUT rule that drops unsolicited packets on the wan side would have helped."], ["server and alice: open. 3 packets one way."]]
    if shut:
        return [["alice and bob: shut.",
                "bob's probes never reached alice. nat-a (%s) lets in only 203.0.113.20:5000, the address the server gave it; "
                "bob's packets came from %s, because nat-b is %s: it gave the flow to alice a new port." % (a,
                        w.outside("bob", "alice"), b),
                "Neither side could know that port. Try birthday probing, or a relay."]]
    return [["alice and bob: open, 41 ms after the first try.",
            "alice's first probe (journey 12) was lost at nat-b, before bob had "
             "sent anything; her second one passed."]]


def run_of(title, scenarios, matrix, command):
    return dict(title=title, tool="punchlab 0.1.0", command=command, started="2025-01-02 03:04:05 UTC", seconds=4.31,
            not_run=0,
                machine="Linux 6.18, 2 CPUs", matrix=matrix, scenarios=scenarios)


def labels(names):
    """Rows or columns of a matrix, as sim/report/matrix.c makes them."""
    short = {"endpoint-independent": "ei", "address-dependent": "ad", "address-and-port-dependent": "apd"}
    parts = lambda name: [(key, short.get(word, word)) for key, _, word in (p.partition("=") for p in name.split(","))]
    return [dict(label=name, heading=[name] if len(name) <= 24 else [k + "=" + w if w else k for k, w in parts(name)])
            for name in names]


def matrix_run():
    scenarios, cells = [], []
    for r, a in enumerate(TYPES):
        for c, b in enumerate(TYPES):
            deviates = (a, b) == ("restricted", "port-restricted")
            shut = (a, b) in SHUT
            s = scenario(a, b, 0, deviates)
            scenarios.append(s)
            opens = not shut and not deviates
            cells.append(dict(row=r, column=c, scenario=len(scenarios) - 1, observed="open" if opens else "shut",
                              expected="shut" if shut else "open", deviates=deviates,
                              path="direct" if opens and "symmetric" not in (a,
                                      b) else "peer-reflexive" if opens else None,
                              ms=round(2.4 * 3 ** (r + c) % 900, 1) if opens else None, note=None))
    scenarios.append(dict(scenarios[0], id="hairpin-skipped",
            name="two hosts behind one NAT, by their public addresses", file="scenarios/hairpin.lua",
                          line=7, result="skipped", message="needs nft, which is not installed", trace=None, detail=None,
                          missing="The scenario was skipped: needs nft, which is not installed."))
    return run_of("punchlab matrix",
            scenarios, dict(rows=labels(TYPES), columns=labels(TYPES), row_title="punches", column_title="is punched", cells=cells),
                  "./punchlab matrix --html out/report")


BEHAVIOURS = ["endpoint-independent", "address-dependent", "address-and-port-dependent"]


def node(name, kind, behind, address, nat=None, lan=None):
    return dict(name=name, kind=kind, behind=behind, addresses=[address], nat=nat, lan=lan)


def journey(number, what, fate, at, legs, proto="udp", reason=None, cause=None):
    return dict(id=number, proto=proto, what=what, fate=fate, at=at, reason=reason, length=29, payload=PROBE,
            cause=cause,
                repeats=1 if number == 2 else 0, legs=[
                    [number * 1000 + i * 9.5, n, side, way, a, b, 64 - i // 2, 77, number * 10 + i] for i, (n, side,
                            way, a, b) in enumerate(legs)])


def shapes():
    """Two homes behind one carrier NAT: through the carrier's hairpin, and refused."""
    nodes = [node("server", "host", None, "203.0.113.2"),
             node("carrier", "box", None, "203.0.113.10", "endpoint-independent mapping, hairpin", "100.64.1.0/24"),
             node("nat-a", "box", "carrier", "100.64.1.2", "port-restricted", "192.168.1.0/24"), node("alice", "host",
                     "nat-a", "192.168.1.2"),
             node("nat-b", "box", "carrier", "100.64.1.3", "port-restricted", "192.168.1.0/24"), node("bob", "host",
                     "nat-b", "192.168.1.2")]
    a, na, ca, nb, b = "192.168.1.2:5000", "100.64.1.2:5000", "203.0.113.10:5001", "100.64.1.3:5000", "203.0.113.10:5002"
    out = [("alice", "eth0", "out", a, b), ("nat-a", "lan", "in", a, b), ("nat-a", "wan", "out", na, b),
            ("carrier", "lan", "in", na, b)]
    back = [("carrier", "lan", "out", ca, nb), ("nat-b", "wan", "in", ca, nb)]
    home = [("nat-b", "lan", "out", ca, a), ("bob", "eth0", "in", ca, a)]
    refused = [("server", "eth0", "out", "203.0.113.2:0", ca), ("carrier", "wan", "in", "203.0.113.2:0", ca),
            ("carrier", "lan", "out", "203.0.113.2:0", na),
               ("nat-a", "wan", "in", "203.0.113.2:0", na), ("nat-a", "lan", "out", "203.0.113.2:0", a), ("alice",
                       "eth0", "in", "203.0.113.2:0", a)]
    lines = [journey(1, "probe 1", "dropped", "nat-b", out + back,
            reason="no mapping of nat-b lets in 203.0.113.10:5001"),
             journey(2, "probe 2", "delivered", "bob", out + back + home), journey(3, "probe 3", "unknown", "carrier",
                     out),
             journey(4, "port unreachable", "delivered", "alice", refused, "icmp", cause=1)]
    detail = dict(nodes=nodes, columns=None, journeys=lines, left_out=12, link_only=6,
            why=[["alice and bob: open.",
            "bob was reached by way of carrier's hairpin."]], mappings=[], programs=[], steps=[])
    return dict(id="two-homes", name="two homes behind one carrier NAT", file="scenarios/nested.lua", line=12,
            result="passed", seconds=0.4, message=None,
                trace=None, command="./punchlab run -k 'two homes behind one carrier NAT' scenarios/nested.lua", missing=None, detail=detail)


def wide_run():
    specs = ["mapping=%s,filtering=%s" % (m, f) for m in BEHAVIOURS for f in BEHAVIOURS]
    scenarios = [shapes()]
    cells = []
    for r, a in enumerate(specs):
        for c, b in enumerate(specs):
            opens = r < 3 or c < 3 or (r % 3 < 2 and c % 3 < 2)
            cells.append(dict(row=r, column=c, scenario=len(scenarios), observed="open" if opens else "shut",
                    expected="open" if opens else "shut",
                              deviates=False, path=None, ms=(7 * r + 3 * c) * 1.7 + 1 if opens else None,
                              note="netfilter answers an admitted flow from the port it came in by" if (r, c) == (4,
                                      7) else None))
            scenarios.append(dict(scenario("restricted", "restricted", 0), id="wide-%d-%d" % (r, c), name=a + " x " +
                    b))
    return run_of("punchlab matrix --wide", scenarios,
            dict(rows=labels(specs), columns=labels(specs), row_title="punches", column_title="is punched", cells=cells),
                  "./punchlab matrix --wide --html out/report")


ATTACKS = [
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "\"><svg onload=window.pwned=1>",
    "'-window.pwned=1-'",
    "<!--<script>",
    "]]><b>bold",
    "javascript:window.pwned=1",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "\u202egnp.exe\u2066 \u200b\u2028line\u2029",
    "{{constructor.constructor('window.pwned=1')()}}",
    "\x00\x01\x7f\x85",
    "a" * 3000,
    "Z\u0351\u036b\u0343" * 40,
]


def hostile(value, path=()):
    """The same data with every free text replaced by an attack; what the page itself reads by meaning stays."""
    fixed = {"id", "result", "kind", "fate", "observed", "expected", "started", "proto"}
    if isinstance(value, dict):
        return {k: v if k in fixed else hostile(v, path + (k,)) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v, path + (i,)) for i, v in enumerate(value)]
    if not isinstance(value, str) or value in ("in", "out", "err"):
        return value
    if path[-1] in ("name", "behind", "host", "box", "at") or "legs" in path[:-1] and path[-1] == 1:
        return "<b>" + value + "</b>" if path[-1] != "name" or "nodes" in path else attack(value)
    return attack(value)


def attack(value):
    return ATTACKS[sum(value.encode()) % len(ATTACKS)] + " " + value


def hostile_run():
    run = matrix_run()
    run["scenarios"] = run["scenarios"][1:len(ATTACKS) + 1]
    run["matrix"] = None
    run = hostile(run)
    for i, text in enumerate(ATTACKS):
        run["scenarios"][i]["name"] = text
        run["scenarios"][i]["trace"] = text
        run["scenarios"][i]["detail"]["journeys"][0]["payload"] = text.encode().hex()
        run["scenarios"][i]["detail"]["programs"][0]["lines"] += [[5000 + n, "out", t] for n, t in enumerate(ATTACKS)]
    return run


def many_run(count=500):
    pairs = [(a, b) for a in TYPES for b in TYPES]
    scenarios = [scenario(*pairs[i % 25], i + 1, deviates=i % 60 == 7) for i in range(count)]
    return run_of("punchlab run --repeat 20", scenarios, None, "./punchlab run --repeat 20 --html out/report")


def long_run(count=100000):
    """The journeys of a small world over and over: as columns, a list that is repeated."""
    run = run_of("punchlab trace", [scenario("restricted", "port-restricted", 0, True)], None, "./punchlab trace")
    run["alone"] = True
    s = packed(run)["scenarios"][0]
    times = count // count_of(s["journeys"]["what"]) + 1
    for part in ("journeys", "close"):
        for name, column in s[part].items():
            if name not in ("texts", "way_steps", *LEG):
                again = column * times if isinstance(column, list) else dict(column, count=column["count"] * times)
                s[part][name] = again
    s["payloads"], s["detail"]["payloads_a_piece"] = [[PROBE] * count_of(s["journeys"]["what"])], 10 ** 6
    s.update(result=None, message=None, trace=None)
    return run


def crowd_run():
    run = run_of("punchlab trace", [scenario("restricted", "port-restricted", 0, True)], None, "./punchlab trace")
    run["alone"] = True
    s = packed(run)["scenarios"][0]
    s.update(result=None, message=None, trace=None)
    nodes = [node("nat-%d" % i, "box", None, "203.0.113.%d" % i, "port-restricted", "10.0.%d.0/24" % i) for i in range(1, 5)]
    for i in range(40):
        box = i % 5
        nodes.append(node("host-%d" % i, "host", "nat-%d" % box if box else None, "10.0.%d.%d" % (box, i + 2)))
    s["detail"]["nodes"] = nodes
    return run


def count_of(column):
    return len(column) if isinstance(column, list) else column["count"]


OWN = ["proto", "what", "fate", "at", "toward", "to", "reason"]
LEG = ["node", "interface", "direction", "source", "destination", "ttl"]
CLOSE = ["ip_id", "cause", "repeats", "refused_by", "part_of", "leg_t", "leg_frame"]
PIECE = 2


def columns_of(journeys):
    """Journeys as sim/report/journeys.c writes them: columns of numbers with the texts they point at, and those of
    what is told of a chosen one."""
    texts, columns, last, ways = {}, {}, {}, {}
    place = lambda text: -1 if text is None else texts.setdefault(text, len(texts))
    add = lambda name, value: columns.setdefault(name, []).append(value)

    def step(name, value):
        add(name, value - last.get(name, 0))
        last[name] = value

    def way(legs):
        key = str([leg[1:7] for leg in legs])
        if key not in ways:
            ways[key] = len(ways)
            add("way_steps", len(legs))
            for leg in legs:
                for name, value in zip(LEG, leg[1:7]):
                    add(name, ["", "in", "out"].index(value) if name == "direction" else
                        value if name == "ttl" else place(value))
        return ways[key]
    for name in ["id", "t", *OWN, "length", "way", "way_steps", *LEG, *CLOSE]:
        columns[name] = []
    for j in journeys:
        start = j["legs"][0][0]
        step("id", j["id"])
        step("t", round(start * 1000))
        for name in OWN:
            add(name, place(j.get(name)))
        for name, value in (("length", j["length"]), ("ip_id", j["legs"][0][7]), ("cause", j["cause"] or 0),
                            ("repeats", j.get("repeats", 0)), ("refused_by", 0), ("part_of", 0), ("way", way(j["legs"]))):
            add(name, value)
        for leg in j["legs"]:
            add("leg_t", round((leg[0] - start) * 1000))
            step("leg_frame", leg[8])
    same = lambda column: dict(all=column[0], count=len(column)) if len(set(column)) == 1 else column
    packed_columns = {name: same(column) for name, column in columns.items()}
    close = {name: packed_columns.pop(name) for name in CLOSE}
    return dict(packed_columns, texts=list(texts)), close


def packed(run):
    """The run with every detail's journeys taken apart for page_of to pack."""
    for s in run["scenarios"]:
        detail = s.get("detail")
        if detail and "journeys" in detail:
            s["detail"] = {k: v for k, v in detail.items() if k != "journeys"}
            s["detail"].update(payloads_a_piece=PIECE, not_wanted=0,
                    until=max(leg[0] for j in detail["journeys"] for leg in j["legs"]))
            s["journeys"], s["close"] = columns_of(detail["journeys"])
            payloads = [j["payload"] for j in detail["journeys"]]
            s["payloads"] = [payloads[i:i + PIECE] for i in range(0, len(payloads), PIECE)]
    return run


if __name__ == "__main__":
    kinds = {"matrix": matrix_run, "wide": wide_run, "hostile": hostile_run, "many": many_run, "long": long_run,
             "crowd": crowd_run}
    if len(sys.argv) < 3 or len(sys.argv) > 3 + (sys.argv[1] in ("many", "long")) or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    data = kinds[sys.argv[1]](*map(int, sys.argv[3:]))
    with open(sys.argv[2], "w") as out:
        json.dump(packed(data), out)
