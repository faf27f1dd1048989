-- A cause is built in, and the trace has to name it: the right box, the right reason, for every way a punch can fail that
-- users meet. Each cause stands beside another one in the same world, which must be told apart from it.

local p2pchat = require "p2pchat"

local found = require("verdict_check").found

-- Seconds for a punch that must fail, and at most for one that must open.
local SHUT_S, OPEN_S = 2, 30

-- alice and bob behind boxes of their own, logged in.
local function pair(lab, alice_nat, bob_nat, options)
	options = options or {}
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = alice_nat }), lab:host("bob", { nat = bob_nat })
	local server = p2pchat.server(lab, server_host)
	local settings = { punch_timeout = options.punch_timeout or SHUT_S }
	return p2pchat.login(lab, alice_host, server, settings), p2pchat.login(lab, bob_host, server, settings), server
end

local function punch_and_fail(lab, alice, bob)
	alice:punch(bob)
	expect(not p2pchat.both_know(lab, alice, bob), "the punch stays shut")
end

-- --- the shut cells of the matrix -----------------------------------------------------------------

local shut_cells = {
	{ "port-restricted", "symmetric", { cause = "filtered-port", box = "nat-a", because_of = "nat-b",
		help = { "birthday", "relay" } } },
	{ "symmetric", "port-restricted", { cause = "filtered-port", box = "nat-b", because_of = "nat-a",
		help = { "birthday", "relay" } } },
	{ "symmetric", "symmetric", { cause = "mapped-elsewhere", help = { "relay" }, no_help = { "birthday" } } },
}

for _, cell in ipairs(shut_cells) do
	scenario("why " .. cell[1] .. " x " .. cell[2] .. " stays shut", function(lab)
		local alice, bob = pair(lab, cell[1], cell[2])
		punch_and_fail(lab, alice, bob)
		cell[3].outcome, cell[3].because = "shut", "endpoint-dependent-mapping"
		found(lab:why(alice.host, bob.host), cell[3])
	end)
end

scenario("why a punch opened: which probe, and which were lost before", function(lab)
	local alice, bob = pair(lab, "port-restricted", "port-restricted", { punch_timeout = OPEN_S })
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	local verdict = lab:why(alice.host, bob.host)
	found(verdict, { outcome = "open" })
	expect(verdict.opened >= 0 and verdict.opened < OPEN_S, "the time it took")
	for _, direction in ipairs(verdict.directions) do
		expect(direction.delivered > 0 and direction.opened_by, "the probe that opened " .. direction.from .. "'s way")
		for _, loss in ipairs(direction.losses) do
			if loss.before_open > 0 then
				equal(loss.cause, "too-early", "what was lost before")
			end
		end
	end
end)

-- Ports that step by one can be predicted: the same cause, other help.
scenario("why port-restricted x symmetric-sequential stays shut: prediction would help", function(lab)
	local alice, bob = pair(lab, "port-restricted", "symmetric-sequential")
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host), { outcome = "shut", cause = "filtered-port", box = "nat-a",
		because = "endpoint-dependent-mapping", because_of = "nat-b", help = { "prediction", "birthday", "relay" },
		says = { "birthday probing: bob opens many ports, alice tries many" } })
end)

-- --- the box that takes packets for its own --------------------------------------------------------

-- bob's word comes first: his probes reach alice's box before she sends, as the server's word to her is held up.
local function hold_up_alice(lab, alice, bob, server)
	local late = "FORWARD -p udp -s " .. server.host:address() .. " -j DROP"
	alice.host:box():iptables("-I " .. late)
	bob:punch(alice)
	lab:wait_until(function()
		return lab:count("nat-a wan", "udp and src host " .. bob.host:public_address()) > 0
	end, nil, "bob's probe is at alice's box")
	alice.host:box():iptables("-D " .. late)
end

scenario("why two cones stay shut where one box has the INPUT trap", function(lab)
	local alice, bob, server = pair(lab, "port-restricted,input=accept", "port-restricted", { punch_timeout = 8 })
	hold_up_alice(lab, alice, bob, server)
	bob:punch_failed(alice)
	found(lab:why(alice.host, bob.host),
		{ outcome = "shut", cause = "swallowed", box = "nat-a", help = { "input-drop" } })
end)

scenario("the same pair without the trap opens, and nothing is said of one", function(lab)
	local alice, bob, server = pair(lab, "port-restricted", "port-restricted", { punch_timeout = OPEN_S })
	hold_up_alice(lab, alice, bob, server)
	bob:punched(alice)
	found(lab:why(alice.host, bob.host), { outcome = "open" })
end)

-- --- the mapping that ran out -----------------------------------------------------------------------

-- Two sockets of nobody's program: alice's mapping towards the stranger is left alone for longer than its box keeps it.
local function idle_mapping(lab, spec, seconds)
	local host = lab:host("alice", { nat = spec })
	local stranger = lab:host("stranger")
	local inside, outside = host:udp(4000), stranger:udp(5000)
	inside:send(stranger:address() .. ":5000", "here I am")
	local _, from = outside:receive()
	outside:send(from, "I see you")
	inside:receive()
	local sent = lab:now()
	lab:wait_until(function()
		return lab:now() - sent > seconds
	end)
	outside:send(from, "are you still there?")
	lab:wait_until(function()
		return lab:count("nat-a wan", "udp and dst port 4000") >= 2
	end, nil, "the late packet is at the box")
	return lab:why(host, stranger)
end

scenario("why a late answer dies: the mapping's time ran out", function(lab)
	found(idle_mapping(lab, "port-restricted,timeout=3,stream-timeout=3", 3.6),
		{ outcome = "broken", cause = "mapping-expired", box = "nat-a", help = { "keepalive" },
			says = { "Of stranger's 2 packets 1 reached alice.", "the box keeps it for 3 s" } })
end)

scenario("an answer in time does not", function(lab)
	found(idle_mapping(lab, "port-restricted,timeout=9,stream-timeout=9", 0.3), { outcome = "open" })
end)

-- --- no hairpin ---------------------------------------------------------------------------------------

local function behind_one_box(lab, spec, punch_timeout)
	local server_host, box = lab:host("server"), lab:box("home", spec)
	local alice_host, bob_host = lab:host("alice", { behind = box }), lab:host("bob", { behind = box })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { port = 4000, punch_timeout = punch_timeout })
	return alice, p2pchat.login(lab, bob_host, server, { port = 4001, punch_timeout = punch_timeout })
end

scenario("why two hosts behind one box stay shut: it does not hairpin", function(lab)
	local alice, bob = behind_one_box(lab, "port-restricted", SHUT_S)
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host),
		{ outcome = "shut", cause = "no-hairpin", box = "home", help = { "host-candidate", "hairpin" } })
end)

scenario("with hairpinning they open, through that box", function(lab)
	local alice, bob = behind_one_box(lab, "port-restricted,hairpin", OPEN_S)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	found(lab:why(alice.host, bob.host), { outcome = "open" })
end)

-- --- nothing gets out ---------------------------------------------------------------------------------

local function try_to_log_in(lab, spec)
	local server_host = lab:host("server")
	local alice_host = lab:host("alice", { nat = spec })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.client(lab, alice_host, server)
	alice.program:type("login")
	lab:wait_until(function()
		return lab:count("alice eth0", "udp and src host " .. alice_host:address()) >= 2
	end, nil, "alice's login was sent twice")
	return lab:why(alice_host, server_host)
end

scenario("why a login fails: the box lets no UDP out", function(lab)
	found(try_to_log_in(lab, "udp-blocked"), { outcome = "shut", cause = "blocked", box = "nat-a", help = { "tcp" } })
end)

-- A rule against port 5000, which does not keep alice from another's.
local function one_port_is_ruled_out(lab, box, alice, server, other)
	box:iptables("-I FORWARD -p udp --dport 5000 -j DROP")
	local socket, listening = alice:udp(4000), other:udp(6000)
	socket:send(other:address() .. ":6000", "this passes")
	listening:receive()
	socket:send(server:address() .. ":5000", "this does not")
	lab:wait_until(function()
		return lab:count(box:name() .. " lan", "udp and dst port 5000") > 0
	end)
end

scenario("why a login fails: one rule against one port is not taken for a box that blocks UDP", function(lab)
	local server_host, other = lab:host("server"), lab:host("other")
	local box = lab:box("nat-a", "port-restricted")
	local alice = lab:host("alice", { behind = box })
	one_port_is_ruled_out(lab, box, alice, server_host, other)
	found(lab:why(alice, server_host), { outcome = "shut", cause = "rule-out", box = "nat-a", help = { "rule" },
		no_help = { "retry" } })
end)

scenario("why nothing gets out: a rule, and not the cable that was out for a while", function(lab)
	local server = lab:host("server")
	local box = lab:box("home", "port-restricted", { interfaces = { wan = { link = "fair" } } })
	local alice = lab:host("alice", { behind = box })
	box:unplug("wan")
	box:plug("wan")
	one_port_is_ruled_out(lab, box, alice, server, server)
	found(lab:why(alice, server), { cause = "rule-out", box = "home", says_not = { "link outward" } })
end)

scenario("why nobody answers: no program listens", function(lab)
	local server_host = lab:host("server")
	local alice = lab:host("alice", { nat = "port-restricted" })
	alice:udp(4000):send(server_host:address() .. ":5000", "anybody there?")
	lab:wait_until(function()
		return lab:count("alice eth0", "icmp") > 0
	end, nil, "the refusal comes back")
	found(lab:why(alice, server_host), { outcome = "shut", cause = "refused", box = "server", help = { "listen" } })
end)

-- --- two boxes in a row --------------------------------------------------------------------------------

local function double_nat(lab, home_spec, carrier_spec)
	local server_host = lab:host("server")
	local carrier = lab:box("carrier", carrier_spec)
	local home = lab:box("home", home_spec, { behind = carrier })
	local alice_host, bob_host = lab:host("alice", { behind = home }), lab:host("bob", { nat = "port-restricted" })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { punch_timeout = SHUT_S })
	return alice, p2pchat.login(lab, bob_host, server, { punch_timeout = SHUT_S })
end

scenario("why a punch from behind two boxes fails: the carrier's maps by destination", function(lab)
	local alice, bob = double_nat(lab, "port-restricted", "symmetric")
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host), { outcome = "shut", cause = "filtered-port",
		because = "endpoint-dependent-mapping", because_of = "carrier" })
end)

scenario("why a punch from behind two boxes fails: the home's maps by destination", function(lab)
	local alice, bob = double_nat(lab, "symmetric", "port-restricted")
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host), { outcome = "shut", cause = "filtered-port",
		because = "endpoint-dependent-mapping", because_of = "home" })
end)

scenario("why two homes behind one carrier stay shut: the carrier does not hairpin", function(lab)
	local server_host = lab:host("server")
	local carrier = lab:box("carrier", "port-restricted")
	local alice_host = lab:host("alice", { behind = lab:box("home-a", "port-restricted", { behind = carrier }) })
	local bob_host = lab:host("bob", { behind = lab:box("home-b", "port-restricted", { behind = carrier }) })
	local server = p2pchat.server(lab, server_host)
	local alice = p2pchat.login(lab, alice_host, server, { port = 4000, punch_timeout = SHUT_S })
	local bob = p2pchat.login(lab, bob_host, server, { port = 4001, punch_timeout = SHUT_S })
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host), { outcome = "shut", cause = "no-hairpin", box = "carrier", help = { "hairpin" } })
end)

-- --- what an ICMP error tells ---------------------------------------------------------------------------

scenario("why a long datagram dies: too big for the next link, which is not a box that lets no UDP out", function(lab)
	local server_host, bob = lab:host("server"), lab:host("bob", { nat = "full-cone" })
	equal(bob:box():run { "ip", "link", "set", "wan", "mtu", "1300" }:exit_status(), 0, "a narrow link: exit status")
	bob:udp(4000):send(server_host:address() .. ":5000", ("x"):rep(1400))
	lab:wait_until(function()
		return lab:count("bob eth0", "icmp[0] == 3 and icmp[1] == 4") > 0
	end, nil, "bob is told")
	local verdict = lab:why(bob, server_host)
	found(verdict, { outcome = "shut", cause = "too-big", box = "nat-b", help = { "smaller" } })
	local text = table.concat(verdict.text, "\n")
	expect(text:find("1272 bytes", 1, true), "what fits is told: " .. text)
end)

scenario("why a packet dies on the internet: its hop limit ran out, the wire did not lose it", function(lab)
	local server_host, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted" })
	local lower = alice:run { "/bin/sh", "-c", "echo 2 >/proc/sys/net/ipv4/ip_default_ttl" }
	equal(lower:exit_status(), 0, "a low hop limit: exit status")
	alice:udp(4000):send(server_host:address() .. ":5000", "not far enough")
	lab:wait_until(function()
		return lab:count("alice eth0", "icmp[0] == 11") > 0
	end, nil, "alice is told")
	found(lab:why(alice, server_host), { outcome = "shut", cause = "ttl", box = "nat-a", help = { "ttl" } })
end)

-- --- a rule of a box ------------------------------------------------------------------------------------

-- A socket of alice and one of bob, and where the server sees them.
local function two_sockets(lab, alice_nat, bob_nat)
	local server_host = lab:host("server")
	local alice, bob = lab:host("alice", { nat = alice_nat }), lab:host("bob", { nat = bob_nat })
	local listening = server_host:udp(7000)
	local p = { lab = lab, alice = alice, bob = bob, a = alice:udp(4000), b = bob:udp(5000) }
	p.a:send(server_host:address() .. ":7000", "alice")
	_, p.alice_seen = listening:receive()
	p.b:send(server_host:address() .. ":7000", "bob")
	_, p.bob_seen = listening:receive()
	return p
end

-- Both send to the other's seen address, three times; returns when the last ones are at the far boxes, or dead before.
local function volley(p, wanted_a, wanted_b)
	for _ = 1, 3 do
		p.a:send(p.bob_seen, "alice")
		p.b:send(p.alice_seen, "bob")
	end
	p.lab:wait_until(function()
		return p.lab:count(wanted_a, "udp and dst port 5000") >= 3 and p.lab:count(wanted_b, "udp and dst port 4000") >= 3
	end, nil, "three from each side are on their way")
end

scenario("why two cones stay shut: a rule of alice's own box, and not that she did not send", function(lab)
	local p = two_sockets(lab, "port-restricted", "port-restricted")
	p.alice:box():iptables("-I FORWARD -i lan -p udp -d " .. p.bob:public_address() .. " -j DROP")
	volley(p, "nat-a lan", "nat-a wan")
	found(lab:why(p.alice, p.bob), { outcome = "shut", cause = "rule-out", box = "nat-a", help = { "rule" },
		no_help = { "both-send", "retry" } })
end)

scenario("why only one of two cones hears: a rule of bob's box, and sending again will not do", function(lab)
	local p = two_sockets(lab, "port-restricted", "port-restricted")
	p.bob:box():iptables("-I FORWARD -i wan -p udp -s " .. p.alice:public_address() .. " -j DROP")
	volley(p, "nat-b wan", "nat-a wan")
	found(lab:why(p.alice, p.bob), { outcome = "one-way", cause = "rule-in", box = "nat-b", help = { "rule" },
		no_help = { "retry" } })
end)

-- --- a port that is kept for the first destination ---------------------------------------------------------

scenario("why symmetric-preserving x port-restricted stays shut: a fresh socket would help", function(lab)
	local alice, bob, server = pair(lab, "symmetric-preserving", "port-restricted")
	alice.host:udp(4100):send(server.host:address() .. ":9", "another flow") -- two ports alone are a sequence by chance
	punch_and_fail(lab, alice, bob)
	found(lab:why(alice.host, bob.host), { outcome = "shut", cause = "filtered-port", box = "nat-b",
		because = "endpoint-dependent-mapping", because_of = "nat-a", help = { "fresh-socket", "relay" } })
end)
