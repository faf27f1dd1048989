-- A program of other people that knows both families, between two homes of which each has one or both: whether it opens,
-- and by which family. What it says of that is compared with what was on the wire.

local need = require "need"

local ROUTED, FIREWALL = { nat = "symmetric,ipv6=open" }, { nat = "symmetric,ipv6=firewall" }
local ALONE = { nat = "open,ipv6=firewall", families = "6" }
local CONE = "port-restricted"

-- Pairs of homes: the box of each (none: a host on the internet), and its host's families, both unless told. IPv4's NATs are
-- symmetric where IPv6 shall be all that opens.
local PAIRS = {
	{ "IPv6 routed", alice = ROUTED, bob = ROUTED },
	{ "IPv6 firewalls", alice = FIREWALL, bob = FIREWALL },
	{ "a NAT66 and an IPv6 firewall", alice = { nat = "symmetric,ipv6=nat66" }, bob = FIREWALL },
	{ "IPv6 alone", alice = ALONE, bob = ALONE },
	{ "IPv6 alone, and both", alice = ALONE, bob = FIREWALL },
	{ "IPv6 alone, and IPv4 alone", alice = ALONE, bob = { families = "4" } },
	{ "NAT64 with a translator, and IPv4 alone", alice = { nat = CONE .. ",ipv6=nat64", families = "6", clat = true },
		bob = { nat = CONE, families = "4" } },
	{ "IPv6 at one side", alice = { nat = CONE .. ",ipv6=open" }, bob = { nat = CONE } },
	{ "IPv6 at one side, symmetric", alice = ROUTED, bob = { nat = "symmetric" } },
	{ "IPv6 blocked", alice = { nat = CONE .. ",ipv6=firewall" }, bob = { nat = CONE .. ",ipv6=firewall", blocked = true } },
}

-- In a pcap filter: bytes of what a UDP datagram carries.
local PAYLOAD = {
	IPv4 = function(from, bytes) return ("udp[%d:%d]"):format(8 + from, bytes) end,
	IPv6 = function(from, bytes) return ("ip6[%d:%d]"):format(48 + from, bytes) end,
}
local DATAGRAMS = { IPv4 = "ip and udp and %s", IPv6 = "ip6 and udp and %s" }

local function home(lab, name, of)
	return lab:host(name, { nat = of.nat, families = of.families, clat = of.clat })
end

local function block_ipv6(box)
	local rule = box:run { "ip6tables", "-w", "-I", "FORWARD", "-p", "udp", "-j", "DROP" }
	equal(rule:exit_status(20), 0, "what blocks IPv6")
end

-- What the two say goes by that family, each way, and nothing of it by the other, as bob's link has it.
local function see_the_wire(lab, bob, family, data)
	local function count(of, more)
		return lab:count("bob eth0", DATAGRAMS[of]:format(data(PAYLOAD[of])) .. (more or ""))
	end

	local address = family == "IPv4" and bob:address() or bob:ipv6_address()
	for _, way in ipairs { "dst", "src" } do
		local at_bob = way .. " host " .. address
		expect(count(family, " and " .. at_bob) > 0, family .. " carries what they say: " .. at_bob)
	end
	local other = family == "IPv4" and "IPv6" or "IPv4"
	equal(count(other), 0, "datagrams of what they say by " .. other)
end

local function scenario_of(driver, pair, expected)
	local name = pair[1]
	scenario(driver.prefix .. name, { timeout = driver.timeout, jobs = driver.jobs }, function(lab)
		lab:world { families = "46" }
		local server_host = lab:host("server")
		local alice_host, bob_host = home(lab, "alice", pair.alice), home(lab, "bob", pair.bob)

		lab:fact("pair", name)
		need.say_versions(lab, server_host, driver.packages)
		if pair.bob.blocked then
			block_ipv6(bob_host:box())
		end
		local rendezvous = driver.rendezvous(lab, server_host)
		local alice = driver.peer(lab, alice_host, rendezvous)
		local bob = driver.peer(lab, bob_host, rendezvous)
		local opened, family = driver.opened(lab, alice, bob)
		family = opened and family or "shut"
		lab:fact("family", family)
		equal(family, expected, name .. ": what carries what they say")
		if opened then
			see_the_wire(lab, bob_host, family, driver.data)
		end
	end)
end

--- Registers a scenario for each pair. `driver` is one as everywhere.lua's, but for its grid and its topologies; opened()
--- returns whether they talk, and by "IPv4" or "IPv6". And
---   families       pair -> that family, or "shut"
---   data(payload)  of a pcap filter: that a datagram carries what the program has to say; payload(FROM, BYTES) are bytes of it
return function(driver)
	for _, pair in ipairs(PAIRS) do
		local expected = driver.families[pair[1]]
		if not expected then
			error(driver.prefix .. "what comes of '" .. pair[1] .. "'?", 2)
		end
		scenario_of(driver, pair, expected)
	end
end
