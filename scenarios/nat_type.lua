-- tools/nat_type, asked from behind a box, gives back the very spec the box was built from: what a user measures out in the
-- world can be built here.

local stun = require "stun"

-- Every pair of mapping and filtering with every allocation of ports, in the words the lab itself would write.
local grid = {
	"full-cone", "restricted", "port-restricted",
	"full-cone,ports=random", "restricted,ports=random", "port-restricted,ports=random",
	"full-cone,ports=sequential", "restricted,ports=sequential", "port-restricted,ports=sequential",
	"full-cone,mapping=address-dependent", "restricted,mapping=address-dependent",
	"port-restricted,mapping=address-dependent",
	"full-cone,mapping=address-dependent,ports=random", "restricted,mapping=address-dependent,ports=random",
	"symmetric,mapping=address-dependent",
	"full-cone,mapping=address-dependent,ports=sequential", "restricted,mapping=address-dependent,ports=sequential",
	"symmetric,mapping=address-dependent,ports=sequential",
	"full-cone,mapping=address-and-port-dependent", "restricted,mapping=address-and-port-dependent",
	"symmetric,ports=preserve",
	"symmetric,filtering=endpoint-independent", "symmetric,filtering=address-dependent", "symmetric",
	"symmetric,ports=sequential",
}

local others = {
	"open", "firewall", "firewall,filtering=address-dependent",
	"full-cone,hairpin", "restricted,hairpin", "port-restricted,hairpin", "symmetric,hairpin",
	"full-cone,hairpin=internal", "port-restricted,hairpin=internal",
	"port-restricted,input=accept",
}

-- How long mappings live, and what keeps them alive: real seconds are waited.
local lives = {
	"port-restricted,timeout=2,stream-timeout=4", "symmetric,timeout=3,stream-timeout=3",
	"full-cone,refresh=outbound,timeout=2",
}

local function round_trip(spec, arguments)
	scenario("nat_type behind " .. spec, function(lab)
		local server, alice = stun.hosts(lab, spec)
		stun.serve(server)
		local got = stun.nat_type(alice, server, arguments)
		equal(got, spec, "the spec nat_type prints")
	end)
end

for _, spec in ipairs(lives) do -- the slowest first
	round_trip(spec, { "--lifetime-max", "6" })
end
for _, list in ipairs { grid, others } do
	for _, spec in ipairs(list) do
		round_trip(spec, {})
	end
end

-- Of a range one sees a part: what is estimated from it must overlap the range almost wholly, and not be much wider.
for _, spec in ipairs { "port-restricted", "symmetric", "full-cone,ports=random" } do
	scenario("nat_type behind " .. spec .. ",range=20000-20511", function(lab)
		local server, alice = stun.hosts(lab, spec .. ",range=20000-20511")
		stun.serve(server)
		local got = stun.nat_type(alice, server, {})
		local kind, low, high = got:match("^(.*),range=(%d+)%-(%d+)$")
		equal(kind, spec, "all but the range of " .. got)
		expect(math.abs(low - 20000) < 160 and math.abs(high - 20511) < 160, "the range of " .. got)
	end)
end

scenario("nat_type with a server of one address does not guess", function(lab)
	local server, alice = stun.hosts(lab, "port-restricted", 1)
	stun.serve(server, 1)
	local program = alice:run { stun.NAT_TYPE, "--fast", "--spec", server:address() }
	equal(program:exit_status(), 1, "the exit status")
	expect(program:seen("^The server has no second address"), "it says why")
	expect(not program:seen("^port%-restricted"), "it prints no spec")
end)

-- --- a busy home ----------------------------------------------------------------------------------------------------

-- Another host has hundreds of mappings at ports as programs get them, and nat_type is run again and again, so that its own
-- ports may be mapped already: none of that is the box's behaviour. NAT_TYPE_SOAK is how often (3).
local FLOWS, TIMES = 300, tonumber(os.getenv("NAT_TYPE_SOAK")) or 3

for _, spec in ipairs {
	"port-restricted", "full-cone", "port-restricted,input=accept", "symmetric,ports=preserve", "symmetric,ports=sequential",
} do
	scenario("nat_type in a busy home behind " .. spec, function(lab)
		local server = lab:host("server", { addresses = 2 })
		local home = lab:box("home", spec)
		local alice, neighbour = lab:host("alice", { behind = home }), lab:host("neighbour", { behind = home })
		stun.serve(server)
		local sockets = {}
		for i = 1, FLOWS do
			sockets[i] = neighbour:udp(0)
		end
		for i = 1, TIMES do
			for _, socket in ipairs(sockets) do
				socket:send(server:address() .. ":9", "x")
			end
			equal(stun.nat_type(alice, server, {}), spec, "the spec nat_type prints the " .. i .. ". time")
		end
	end)
end

-- --- silence -----------------------------------------------------------------------------------------------------

-- Runs nat_type until it ends: the status it is to exit with, a pattern of what it is to say.
local function says(alice, words, status, pattern)
	local program = alice:run { stun.NAT_TYPE, "--fast", "--rto", "100", table.unpack(words) }
	equal(program:exit_status(40), status, "the exit status")
	expect(program:seen(pattern), "it says: " .. pattern)
	if status ~= 0 then
		expect(not program:seen("blocked:"), "it does not say that UDP is blocked")
	end
	return program
end

scenario("nat_type calls UDP blocked when two servers are silent", function(lab)
	local first, second = lab:host("first", { addresses = 2 }), lab:host("second", { addresses = 2 })
	local alice = lab:host("alice", { nat = "udp=blocked" })
	stun.serve(first)
	stun.serve(second)
	says(alice, { "--spec", first:address(), second:address() }, 0, "^udp=blocked$")
	says(alice, { first:address(), first:address() .. ":3479" }, 1, "^No answer; this host answers by TCP")
end)

for _, spec in ipairs { "port-restricted", "symmetric", "firewall", "open" } do
	scenario("nat_type behind " .. spec .. " knows a silent server from blocked UDP", function(lab)
		local silent = lab:host("silent")
		local alice = lab:host("alice", { nat = spec })
		silent:udp(3478) -- hears, and says nothing
		says(alice, { silent:address() }, 1, "^UDP gets to the server's host and back")
		says(alice, { "--spec", silent:address(), silent:address() .. ":3478" }, 1,
			"^UDP gets to the server's host and back")
	end)
end

scenario("nat_type knows a host that only TCP reaches from blocked UDP", function(lab)
	local walled, other = lab:host("walled"), lab:host("other")
	local alice = lab:host("alice", { nat = "port-restricted" })
	for _, host in ipairs { walled, other } do
		equal(host:run({ "iptables", "-A", "INPUT", "-p", "udp", "-j", "DROP" }):exit_status(), 0, "iptables")
	end
	says(alice, { walled:address() }, 1, "^No answer; this host answers by TCP, so either UDP is blocked or nothing")
end)

scenario("nat_type does not believe a server that answers from elsewhere", function(lab)
	local server, elsewhere = lab:host("server"), lab:host("elsewhere")
	local alice = lab:host("alice", { nat = "port-restricted" })
	local asked, answers = server:udp(3478), elsewhere:udp(3478)
	local program = alice:run { stun.NAT_TYPE, "--fast", "--rto", "100", server:address() }
	lab:wait_until(function()
		local request, from = asked:receive(0.05)
		if request then
			-- A Binding success response with the MAPPED-ADDRESS 192.0.2.1:4660 and the request's id.
			answers:send(from, "\1\1\0\12" .. request:sub(5, 20) .. "\0\1\0\8\0\1\18\52\192\0\2\1")
		end
		return program:ended()
	end, 40, "nat_type ends")
	equal(program:exit_status(), 1, "the exit status")
	expect(program:seen("^UDP gets to the server's host and back"), "it says what it knows")
end)

scenario("nat_type asks the next server when one is silent or knows too little", function(lab)
	local silent, plain = lab:host("silent"), lab:host("plain")
	local server = lab:host("server", { addresses = 2 })
	local alice = lab:host("alice", { nat = "restricted,ports=random" })
	silent:udp(3478)
	stun.serve(plain, 1)
	stun.serve(server)
	local program = says(alice, { "--spec", silent:address(), plain:address(), server:address() }, 0,
		"^restricted,ports=random$")
	expect(program:seen("does not suffice %(silent%-server%): asking"), "why the second is asked")
	expect(program:seen("does not suffice %(no%-other%-address%): asking"), "why the third is asked")
	says(alice, { plain:address(), silent:address() }, 1, "^The server has no second address")
end)

scenario("nat_type tells a box that forbids UDP from a host that cannot be reached", function(lab)
	local server = lab:host("server", { addresses = 2 })
	local alice, home = lab:host("alice", { nat = "port-restricted" })
	stun.serve(server)
	equal(alice:box():run({ "iptables", "-I", "FORWARD", "-p", "udp", "-j", "REJECT",
		"--reject-with", "icmp-admin-prohibited" }):exit_status(), 0, "iptables")
	says(alice, { server:address() }, 0, "^UDP is blocked: somebody on the way")
	equal(alice:box():run({ "iptables", "-R", "FORWARD", "1", "-p", "udp", "-j", "REJECT",
		"--reject-with", "icmp-host-unreachable" }):exit_status(), 0, "iptables")
	equal(alice:box():run({ "iptables", "-I", "FORWARD", "-p", "tcp", "-j", "DROP" }):exit_status(), 0, "iptables")
	says(alice, { server:address() }, 1, "^Somebody on the way says by ICMP that the server's host cannot be reached")
end)

scenario("nat_type says that nobody serves STUN there", function(lab)
	local server, alice = stun.hosts(lab, "port-restricted")
	local program = alice:run { stun.NAT_TYPE, "--fast", server:address() }
	equal(program:exit_status(), 1, "the exit status")
	expect(program:seen("no STUN server runs at that port"), "it says so")
end)

-- Ordinary servers, of one address and without RFC 5780: any two tell the mapping, none the filtering.
local function by_ordinary_servers(spec, mapping, meaning)
	scenario("nat_type by two ordinary servers behind " .. spec, function(lab)
		local one, two = lab:host("one"), lab:host("two")
		local alice = lab:host("alice", { nat = spec })
		stun.serve(one, 1)
		stun.serve(two, 1)
		local program = alice:run { stun.NAT_TYPE, "--fast", one:address(), two:address() }
		equal(program:exit_status(60), 1, "not everything could be measured")
		local said = program:output()
		equal(said:match("\n  mapping +(%S+) "), mapping, "the mapping, in: " .. said)
		equal(said:match("\n  filtering +(%S+) "), "unknown", "the filtering, in: " .. said)
		expect(said:find(meaning, 1, true), said)
	end)
end

by_ordinary_servers("port-restricted", "endpoint-independent", "one outside port towards everybody")
by_ordinary_servers("full-cone,ports=random", "endpoint-independent", "one outside port towards everybody")
by_ordinary_servers("symmetric", "endpoint-dependent", "another outside port for each server")
by_ordinary_servers("mapping=ad", "endpoint-dependent", "another outside port for each server")
