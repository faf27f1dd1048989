-- What boxes do beside mapping and filtering, seen by eyes that are not the lab's own: tcpdump on a host, ping, conntrack
-- on a box, stun-client and coturn's turnutils_stunclient, and sockets of Python.

local outside, stun, p2pchat = require "outside", require "stun", require "p2pchat"

local PORT = 5000

-- Python sends a datagram to that port from so many sockets of its own, one after the other, and is gone.
local SENDER = [[
import socket, sys
to, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sockets = []
for i in range(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if len(sys.argv) > 4: s.bind(("", int(sys.argv[4]) + i))
    s.sendto(b"x", (to, port))
    sockets.append(s)
]]

local function send_from_many(host, to, count, first_port)
	local program = host:run { "/usr/bin/python3", "-c", SENDER, to, tostring(PORT), tostring(count), first_port and tostring(first_port) }
	equal(program:exit_status(40), 0, "Python's exit status")
end

local function ping(host, to, ...)
	stun.need(host, "ping")
	local command = { "ping", "-n", "-c", "1", "-W", "10", ... }
	command[#command + 1] = to
	return host:run(command)
end

-- The sources that it has shown, in their order: { address, port }.
local function sources(tcpdump)
	local seen = {}
	for _, line in ipairs(tcpdump:lines()) do
		local address, port = line:match("IP (%d+%.%d+%.%d+%.%d+)%.(%d+) > %S+%." .. PORT .. ":")
		if address then seen[#seen + 1] = { address = address, port = tonumber(port) } end
	end
	return seen
end

-- What was sent before this has arrived once it is seen: one more packet, of a host with another way.
local function all_seen(lab, tcpdump, witness, to)
	lab:count() -- of theirs none is under way any more, which might take another processor's turn
	witness:udp(0):send(to .. ":" .. PORT, "the last")
	tcpdump:wait("IP " .. literal(witness:public_address()) .. "%.%d+ > ")
end

local function count_of(list, what)
	local different, count = {}, 0
	for _, one in ipairs(list) do
		count = count + (different[one[what]] and 0 or 1)
		different[one[what]] = true
	end
	return count
end

-- A server with tcpdump, hosts behind a box, and somebody on the open internet.
local function place(lab, spec, names)
	local p = { lab = lab, server = lab:host("server"), home = lab:box("home", spec), witness = lab:host("witness") }
	for _, name in ipairs(names or { "alice" }) do p[name] = lab:host(name, { behind = p.home }) end
	p.tcpdump = outside.watch(p.server, "dst " .. PORT)
	return p
end

-- What tcpdump saw of the hosts behind the box.
local function seen_of_home(p)
	all_seen(p.lab, p.tcpdump, p.witness, p.server:address())
	local list = {}
	for _, one in ipairs(sources(p.tcpdump)) do
		if one.address ~= p.witness:public_address() then list[#list + 1] = one end
	end
	return list
end

-- Alice, then bob, send from so many sockets: how many different ports or addresses tcpdump has seen of both by then.
for _, case in ipairs {
	{ "limit=5 lets five sockets of twelve out, of all hosts", "limit=5", "port", sent = { 3, 9 }, seen = { 3, 5 } },
	{ "limit-per-host=4 lets four sockets of each of two hosts out", "limit-per-host=4", "port", sent = { 9, 9 }, seen = { 4, 8 } },
	{ "range=20000-20003 lets four sockets of twelve out", "range=20000-20003", "port", sent = { 3, 9 }, seen = { 3, 4 }, low = 20000, high = 20003 },
	{ "a host keeps one of two addresses where they are paired", "addresses=2", "address", sent = { 12, 12 }, seen = { 1, 2 } },
} do
	local title, spec, what = table.unpack(case)
	scenario("seen from outside: " .. title, function(lab)
		local p = place(lab, "symmetric," .. spec, { "alice", "bob" })
		for i, host in ipairs { p.alice, p.bob } do
			send_from_many(host, p.server:address(), case.sent[i])
			local list = seen_of_home(p)
			equal(count_of(list, what), case.seen[i], what .. "s that tcpdump saw after " .. host:name())
			for _, one in ipairs(list) do
				expect(one.port >= (case.low or 0) and one.port <= (case.high or 65535), "a port outside: " .. one.port)
			end
		end
	end)
end

scenario("seen from outside: a host has any of four addresses where pooling is arbitrary", function(lab)
	local p = place(lab, "symmetric,addresses=4,pooling=arbitrary")
	send_from_many(p.alice, p.server:address(), 40)
	local count = count_of(seen_of_home(p), "address")
	expect(count >= 2 and count <= 4, "tcpdump saw several addresses, of four at most: " .. count)
end)

scenario("seen from outside: parity keeps even ports even and odd ones odd", function(lab)
	local p = place(lab, "symmetric,parity")
	send_from_many(p.alice, p.server:address(), 12, 40001)
	local list = seen_of_home(p)
	equal(#list, 12, "datagrams that tcpdump saw")
	for i, one in ipairs(list) do
		equal(one.port % 2, (40000 + i) % 2, "the parity of the port of socket " .. 40000 + i)
	end
end)

for spec, passes in pairs { ["port-restricted"] = true, ["port-restricted,fragments=drop"] = false } do
	scenario("seen from outside: a ping of several packets behind " .. spec, function(lab)
		local server, alice = lab:host("server"), lab:host("alice", { nat = spec })
		stun.need(alice, "ping")
		equal(ping(alice, server:address()):exit_status(20), 0, "a small ping's exit status")
		local told = table.concat(lab:why(alice, server).text, "\n")
		expect(told:find("alice and server, ICMP: open. 1 of 1 packets arrived one way, 1 of 1 the other.", 1, true), told)
		local large = alice:run { "ping", "-n", "-c", "1", "-W", passes and "10" or "1", "-s", "3000", server:address() }
		equal(large:exit_status(20), passes and 0 or 1, "a large ping's exit status")
	end)
end

-- Python's raw socket sends two fragments of a datagram, the second one first or not.
local FRAGMENTS = [[
import socket, struct, sys
to, reverse = sys.argv[1], sys.argv[2] == "reverse"
payload = b"y" * 1600
udp = struct.pack("!HHHH", 4000, int(sys.argv[3]), 8 + len(payload), 0) + payload
def part(offset, data, more):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 77 + reverse, (0x2000 if more else 0) | offset // 8, 64, 17, 0,
                       b"\0" * 4, socket.inet_aton(to)) + data
parts = [part(0, udp[:800], True), part(800, udp[800:], False)]
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for one in reversed(parts) if reverse else parts: s.sendto(one, (to, 0))
]]

for spec, arrives in pairs { ["port-restricted"] = true, ["port-restricted,fragments=in-order"] = false } do
	scenario("seen from outside: fragments in reverse order behind " .. spec, function(lab)
		local server, alice = lab:host("server"), lab:host("alice", { nat = spec })
		local socket = server:udp(PORT)
		local function send(order)
			equal(alice:run({ "/usr/bin/python3", "-c", FRAGMENTS, server:address(), order, tostring(PORT) }):exit_status(20), 0, "Python's exit status")
		end
		send("in order")
		equal(#(socket:receive(10) or ""), 1600, "bytes that came in order")
		send("reverse")
		equal(socket:receive(arrives and 10 or 0.5) ~= nil, arrives, "whether they came in reverse order")
	end)
end

scenario("seen from outside: ping is told of mtu=1300, and a datagram of 1300 bytes passes", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "port-restricted,mtu=1300" })
	stun.need(alice, "ping")
	equal(ping(alice, server:address(), "-M", "do", "-s", "1272"):exit_status(20), 0, "ping -s 1272")
	local large = ping(alice, server:address(), "-M", "do", "-s", "1273")
	large:wait("[Ff]rag needed.*mtu = 1300", 10)
	expect(large:exit_status(20) ~= 0, "ping -s 1273 fails")
end)

scenario("seen from outside: icmp=blocked and mtu=1300 are a black hole", function(lab)
	local p = place(lab, "port-restricted,icmp=blocked,mtu=1300")
	stun.need(p.alice, "ping")
	local quiet = p.alice:run { "ping", "-n", "-c", "1", "-W", "1", p.server:address() }
	equal(quiet:exit_status(20), 1, "a ping without an answer")
	equal(#quiet:lines("both") > 0 and quiet:seen("mtu") or nil, nil, "an ICMP error")
	send_from_many(p.alice, p.server:address(), 1)
	equal(#seen_of_home(p), 1, "datagrams that tcpdump saw")
end)

scenario("seen from outside: hairpin=mapped turns round for sockets that have a mapping alone", function(lab)
	local p = place(lab, "full-cone,hairpin=mapped", { "alice", "bob" })
	local a, b = p.alice:udp(4000), p.bob:udp(PORT)
	b:send(p.server:address() .. ":" .. PORT, "bob's mapping")
	p.tcpdump:wait("IP " .. literal(p.home:address()) .. "%.%d+ > ")
	local tcpdump = outside.watch(p.bob, "dst " .. PORT)
	a:send(p.home:address() .. ":" .. PORT, "without a mapping")
	a:send(p.server:address() .. ":" .. PORT, "alice's mapping")
	p.tcpdump:wait("IP " .. literal(p.home:address()) .. "%.4000 > ")
	equal(#sources(tcpdump), 0, "what came to bob without a mapping")
	a:send(p.home:address() .. ":" .. PORT, "with one")
	tcpdump:wait("IP " .. literal(p.home:address()) .. "%.4000 > ")
end)

scenario("seen from outside: lifetime=3 ends a mapping that is in use", function(lab)
	local p = place(lab, "symmetric,lifetime=3")
	local socket, first, since = p.alice:udp(4000), nil, lab:now()
	lab:wait_until(function()
		socket:send(p.server:address() .. ":" .. PORT, "still here")
		local list = sources(p.tcpdump)
		first = first or list[1]
		return count_of(list, "port") == 2
	end, 20, "tcpdump sees another port of the same socket")
	expect(lab:now() - since >= 2.9, "not before it was three seconds old")
end)

scenario("seen from outside: behind mapping=port a second host takes the first one's port over", function(lab)
	local p = place(lab, "port-restricted,mapping=port", { "alice", "bob" })
	local seen_by = { alice = outside.watch(p.alice, "src " .. PORT), bob = outside.watch(p.bob, "src " .. PORT) }
	local socket = { alice = p.alice:udp(4000), bob = p.bob:udp(4000) }
	local at, to = p.server:udp(PORT), p.server:address() .. ":" .. PORT
	for round, who in ipairs { "alice", "bob", "alice" } do
		socket[who]:send(to, "here")
		local _, from = at:receive()
		equal(from, p.home:address() .. ":4000", "where the server sees " .. who)
		at:send(from, "answer")
		seen_by[who]:wait("IP " .. literal(p.server:address()) .. "%." .. PORT .. " > ")
		equal(#seen_by.bob:lines(), round == 1 and 0 or 1, "answers that tcpdump has seen at bob's after round " .. round)
	end
	local entries = p.home:run { "conntrack", "-L", "-p", "udp", "--orig-port-src", "4000" }
	equal(entries:exit_status(20), 0, "conntrack's exit status")
	equal(#entries:lines(), 2, "flows of two hosts from one port that conntrack lists")
end)

-- A server's MAPPED-ADDRESS bears the outside address, which the box makes the inside one; XOR-MAPPED-ADDRESS hides it.
scenario("seen from outside: clobber deceives stun-client, which takes alice for one without a NAT", function(lab)
	local server, alice = stun.hosts(lab, "full-cone,clobber")
	stun.need(alice, "stun")
	stun.serve(server)
	stun.told(alice, { "stun", server:address() }, "^Primary: Open")
end)

scenario("seen from outside: clobber does not deceive coturn's stunclient", function(lab)
	local server, alice = stun.hosts(lab, "port-restricted,clobber")
	stun.need(alice, "turnutils_stunclient")
	stun.serve(server)
	stun.told(alice, { "turnutils_stunclient", server:address() }, "UDP reflexive addr: " .. literal(alice:public_address()))
end)

scenario("seen from outside: open with a box is a router, and nothing else", function(lab)
	local p = place(lab, "open")
	stun.need(p.alice, "ping")
	local tcpdump, socket = p.tcpdump, p.alice:udp(4000)
	socket:send(p.server:address() .. ":" .. PORT, "x")
	tcpdump:wait("IP " .. literal(p.alice:address()) .. "%.4000 > ")
	ping(p.alice, p.server:address(), "-t", "1"):wait("[Tt]ime to live exceeded", 20)
	equal(ping(p.witness, p.alice:address()):exit_status(20), 0, "ping's exit status, from outside")
end)

-- It is told where it is seen by the server, and goes by what others see of it.
scenario("p2pchat punches and talks between two boxes that clobber", function(lab)
	local server_host = lab:host("server")
	local alice_host, bob_host = lab:host("alice", { nat = "port-restricted,clobber" }), lab:host("bob", { nat = "restricted,clobber" })
	local server = p2pchat.server(lab, server_host)
	local alice, bob = p2pchat.login(lab, alice_host, server), p2pchat.login(lab, bob_host, server)
	alice:punch(bob)
	expect(p2pchat.both_know(lab, alice, bob), "the punch opens")
	p2pchat.talk(lab, alice, bob)
end)
