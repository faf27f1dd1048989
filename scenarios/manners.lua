-- What boxes do beside translating and filtering: limits, several addresses, fragments, ICMP, the path's MTU; each seen
-- by eyes that are not the lab's own (ping, tcpdump's filters, what the server's socket hears), and told by the trace.

local why = require "verdict_check"

local PATIENCE = 30

local function behind(lab, spec, options)
	local server, home = lab:host("server"), lab:box("home", spec, options)
	return server, lab:host("alice", { behind = home }), home
end

-- The outside endpoint of a socket that sends to the server's; nil: it did not get there.
local function map(lab, socket, server, at)
	socket:send(server:address() .. ":" .. at:port(), "hello")
	lab:count() -- nothing is under way any more
	local text, seen = at:receive(0)
	return text and seen
end

-- What ping has to say, one packet; "" where the machine has none, which is looked at by its own scenarios alone.
local function ping(host, address, seconds, ...)
	local ok, program = pcall(host.run, host, { "ping", "-c", "1", "-W", tostring(seconds), address, ... })
	if not ok then
		skip("needs ping (tools/deps interop)")
	end
	program:exit_status(2 * PATIENCE)
	return program:output("both")
end

scenario("a box keeps so many mappings, and names the limit", function(lab)
	local server, alice, home = behind(lab, "port-restricted,limit=3")
	local at, sockets = server:udp(5000), {}
	for i = 1, 4 do
		sockets[i] = alice:udp(4000 + i)
		expect((map(lab, sockets[i], server, at) ~= nil) == (i <= 3), "socket " .. i)
	end
	expect(map(lab, sockets[1], server, at), "a mapping that is there goes on")
	equal(#home:mappings(), 3)
	equal(lab:count("home wan", "udp and src port 4004"), 0)
	why.found(lab:why(alice, server), { says = { "it kept 3 mappings: no more than 3 are kept" } })
end)

scenario("each host has a limit of its own", function(lab)
	local server, alice, home = behind(lab, "symmetric,limit-per-host=2")
	local ann, at = lab:host("ann", { behind = home }), server:udp(5000)
	for i = 1, 3 do
		expect((map(lab, alice:udp(4000 + i), server, at) ~= nil) == (i <= 2), "alice's socket " .. i)
	end
	for i = 1, 3 do
		expect((map(lab, ann:udp(4000 + i), server, at) ~= nil) == (i <= 2), "ann's socket " .. i)
	end
	why.found(lab:why(alice, server), { says = { "2 mappings of alice: no more than 2 are kept of one host" } })
end)

scenario("paired addresses: a host has one, and a mapping is at that one alone", function(lab)
	local server, alice, home = behind(lab, "full-cone,addresses=2")
	local ann, at, stranger = lab:host("ann", { behind = home }), server:udp(5000), server:udp(6000)
	local socket, first = alice:udp(4000), nil
	for i = 1, 6 do
		local seen = map(lab, i == 1 and socket or alice:udp(4000 + i), server, at):match("^[%d.]+")
		first = first or seen
		equal(seen, first, "alice's address")
	end
	equal(first, home:address(1))
	equal(map(lab, ann:udp(4000), server, at):match("^[%d.]+"), home:address(2))
	stranger:send(home:address(2) .. ":4001", "knock")
	lab:wait_until(function() return lab:count("home wan", "udp dst port 4001") == 1 end, PATIENCE, "it is at the box")
	equal(lab:count("alice eth0", "udp dst port 4001"), 0, "at the other address nobody lets it in")
	stranger:send(home:address(1) .. ":4000", "knock")
	equal(socket:receive(PATIENCE), "knock")
end)

scenario("arbitrary addresses: a host is seen at several", function(lab)
	local server, alice, home = behind(lab, "symmetric,addresses=2,pooling=arbitrary")
	local at, seen, count = server:udp(5000), {}, 0
	for i = 1, 40 do
		-- Nobody comes out at a port that the kernel chose and another of these sockets has: once in 80 runs two do.
		local outside = map(lab, alice:udp(4000 + i), server, at)
		local address = outside and outside:match("^[%d.]+")
		if address and not seen[address] then
			count, seen[address] = count + 1, true
		end
	end
	equal(count, 2)
	expect(seen[home:address(1)] and seen[home:address(2)], "both are the box's")
end)

scenario("parity: even stays even, odd stays odd", function(lab)
	local server, alice = behind(lab, "symmetric,parity")
	local at = server:udp(5000)
	for i = 1, 20 do
		equal(tonumber(map(lab, alice:udp(4000 + i), server, at):match("%d+$")) % 2, i % 2)
	end
end)

scenario("hairpin=mapped turns round for a socket that has a mapping", function(lab)
	local server, alice, home = behind(lab, "port-restricted,hairpin=mapped")
	local ann, at = lab:host("ann", { behind = home }), server:udp(5000)
	local callee, caller = alice:udp(4000), ann:udp(4100)
	local outside = map(lab, callee, server, at)
	caller:send(outside, "too early")
	lab:wait_until(function() return lab:count("home lan", "udp src port 4100") == 1 end, PATIENCE, "it is at the box")
	equal(lab:count("alice eth0", "udp dst port 4000 and src port 4100"), 0)
	map(lab, caller, server, at)
	caller:send(outside, "now")
	equal(callee:receive(PATIENCE), "now")
	why.found(lab:why(ann, alice), { says = { "for a socket that has no mapping yet" } })
end)

scenario("no fragments pass, and the trace says so", function(lab)
	local server, alice = behind(lab, "port-restricted,fragments=drop")
	local at, socket = server:udp(5000), alice:udp(4000)
	expect(map(lab, socket, server, at), "small ones pass")
	socket:send(server:address() .. ":5000", ("x"):rep(2000))
	lab:wait_until(function() return lab:count("home lan", "ip[6:2] & 0x3fff != 0") == 2 end, PATIENCE, "fragments")
	expect(map(lab, socket, server, at), "small ones still do")
	equal(lab:count("home wan", "ip[6:2] & 0x3fff != 0"), 0)
	why.found(lab:why(alice, server), { says = { "lets no fragments through" }, help = { "smaller" } })
end)

scenario("ping finds that no fragments pass", function(lab)
	local server, alice = behind(lab, "port-restricted,fragments=drop")
	expect(ping(alice, server:address(), PATIENCE):find(" 1 received", 1, true), "its small ones pass")
	expect(ping(alice, server:address(), 1, "-s", "2000"):find(" 0 received", 1, true), "its large packets are lost")
end)

scenario("ping finds that no ICMP passes, and UDP does", function(lab)
	local server, alice, home = behind(lab, "port-restricted,icmp=blocked")
	local at, socket = server:udp(5000), alice:udp(4000)
	expect(ping(alice, server:address(), 1):find(" 0 received", 1, true), "no ping gets through")
	expect(ping(alice, alice:box():address(), 1):find(" 0 received", 1, true), "nor does the box answer")
	equal(lab:count("home wan", "icmp"), 0)
	expect(map(lab, socket, server, at), "UDP does")
	local why_icmp = lab:why(alice, server, "icmp")
	why.found(why_icmp, { cause = "no-icmp", box = "home", says = { "lets no ICMP through" } })
end)

scenario("a path MTU black hole", function(lab)
	local server, alice = behind(lab, "port-restricted,mtu=1400,icmp=blocked")
	local at, socket = server:udp(5000), alice:udp(4000)
	expect(map(lab, socket, server, at), "small ones pass")
	for _ = 1, 2 do
		socket:send(server:address() .. ":5000", ("x"):rep(1400))
	end
	lab:wait_until(function() return lab:count("home lan", "udp and greater 1400") == 2 end, PATIENCE, "large ones")
	socket:send(server:address() .. ":5000", ("x"):rep(1372))
	equal(#(at:receive(PATIENCE)), 1372, "what just fits")
	equal(lab:count("home wan", "udp and greater 1415"), 0)
	equal(lab:count("alice eth0", "icmp"), 0, "nobody says why")
	why.found(lab:why(alice, server), { says = { "path MTU black hole" }, help = { "smaller" } })
end)

scenario("a path MTU black hole that swallows all of a flow is none that blocks UDP", function(lab)
	local server, alice = behind(lab, "port-restricted,mtu=1300,icmp=blocked")
	alice:udp(4000):send(server:address() .. ":5000", ("x"):rep(1400))
	lab:wait_until(function() return lab:count("home lan", "udp and greater 1400") == 1 end, PATIENCE, "it is at the box")
	local says = { "1400 bytes and more behind the headers, where its link outward takes 1300 with them", "path MTU black hole" }
	why.found(lab:why(alice, server), { cause = "lost-by-size", box = "home", says = says, help = { "smaller" } })
	alice:udp(4001):send(server:address() .. ":5000", "small, of another socket")
	lab:wait_until(function() return lab:count("home wan", "udp") == 1 end, PATIENCE, "it passes")
	why.found(lab:why(alice, server), { cause = "lost-by-size", box = "home", says = says, help = { "smaller" } })
end)

scenario("a router with a smaller link says so", function(lab)
	local server, home = lab:host("server"), lab:box("home", "open,mtu=1400")
	local alice = lab:host("alice", { behind = home })
	expect(ping(alice, server:address(), PATIENCE, "-M", "do", "-s", "1400"):find("mtu = 1400", 1, true), "ping is told")
	equal(alice:public_address(), alice:address())
	local at, socket = alice:udp(4000), server:udp(5000)
	socket:send(alice:address() .. ":4000", "a stranger comes in")
	equal(at:receive(PATIENCE), "a stranger comes in")
end)

-- As a carrier was reported to do it: what keeps a mapping in use does not keep it.
for _, spec in ipairs { "symmetric,lifetime=4", "full-cone,ports=random,lifetime=4" } do
	scenario("a mapping ends at its age in spite of traffic: " .. spec, function(lab)
		local server, alice, home = behind(lab, spec)
		local at, elsewhere, socket = server:udp(5000), server:udp(6000), alice:udp(4000)
		local began = lab:now()
		local first = map(lab, socket, server, at)
		local port, answered = first:match("%d+$"), 0
		repeat
			map(lab, socket, server, elsewhere)
			at:send(first, "an answer")
			lab:count()
			answered = answered + (socket:receive(0) and 1 or 0)
			lab:sleep(0.1) -- its age is what is measured
			expect(lab:now() - began < PATIENCE, "it ends")
		until map(lab, socket, server, at) ~= first
		expect(lab:now() - began >= 4, "not before it is 4 s old: " .. lab:now() - began)
		expect(answered >= 2, "until then it was used: " .. answered)
		equal(map(lab, socket, server, elsewhere) == map(lab, socket, server, at), not spec:find("symmetric"), "another one")
		at:send(first, "the old one")
		lab:wait_until(function()
			return lab:count("home wan", "udp dst port " .. port .. " and greater 53") > 0
		end, PATIENCE, "it is at the box")
		equal(lab:count("alice eth0", "udp dst port 4000 and greater 53"), 0)
		why.found(lab:why(server, alice), {
			says = { "the box ends each when it is 4 s old, however much it is used" },
		})
	end)
end
