-- A program of other people that knows both families, between two homes of which each has one or both: whether it opens,
-- and by which family. What it says of that is compared with what was on the wire.

local need = require "need"

local ROUTED, FIREWALL = { nat = "symmetric,ipv6=open" }, { nat = "symmetric,ipv6=firewall" }
local ALONE = { nat = "open,ipv6=firewall", families = "6" }
local CONE = "port-restricted"
local CONE_AND_FIREWALL = { nat = CONE .. ",ipv6=firewall" }

-- Pairs of homes: the box of each (none: a host on the internet), and its host's families, both unless told. IPv4's NATs are
-- symmetric where IPv6 shall be all that opens. by_either: both families open; blocked: bob's box drops IPv6's datagrams, "at
-- first" until the two talk.
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
	{ "IPv6 blocked", alice = CONE_AND_FIREWALL, bob = CONE_AND_FIREWALL, blocked = true },
	{ "IPv6 blocked at first", alice = CONE_AND_FIREWALL, bob = CONE_AND_FIREWALL, by_either = true, blocked = "at first" },
	{ "IPv6 firewalls, and cones", alice = CONE_AND_FIREWALL, bob = CONE_AND_FIREWALL, by_either = true },
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

local function rule_of_ipv6(box, change)
	local rule = box:run { "ip6tables", "-w", change, "FORWARD", "-p", "udp", "-j", "DROP" }
	equal(rule:exit_status(20), 0, "ip6tables " .. change)
end

-- The family by which they talk in the end, or "shut".
local function outcome(lab, driver, pair, box, alice, bob, expected)
	local opened, family = driver.opened(lab, alice, bob)
	if not opened then
		return "shut"
	end
	if pair.blocked == "at first" then
		equal(family, "IPv4", "what they begin by")
		rule_of_ipv6(box, "-D")
	end
	return pair.by_either and driver.settles(lab, alice, bob, expected) and expected or family
end

-- What the two say goes by that family, each way, as bob's link has it; and nothing of it by the other. Where both open it
-- may have gone by the other before: what counts is what they say from now on.
local function see_the_wire(lab, bob, family, data, by_either)
	local since = by_either and lab:now() or nil

	local function count(of, more)
		return lab:count("bob eth0", DATAGRAMS[of]:format(data(PAYLOAD[of])) .. (more or ""), since)
	end

	local address = family == "IPv4" and bob:address() or bob:ipv6_address()
	for _, way in ipairs { "dst", "src" } do
		local at_bob = way .. " host " .. address
		lab:wait_until(function()
			return count(family, " and " .. at_bob) > 0
		end, by_either and 30 or 0, family .. " carries what they say: " .. at_bob)
	end
	local other = family == "IPv4" and "IPv6" or "IPv4"
	if not by_either then
		equal(count(other), 0, "datagrams of what they say by " .. other)
	end
end

local function scenario_of(driver, pair, expected)
	local name = pair[1]
	scenario(driver.prefix .. name, { timeout = driver.timeout, jobs = driver.jobs }, function(lab)
		lab:world { families = "46" }
		local server_host = lab:host("server")
		local alice_host, bob_host = home(lab, "alice", pair.alice), home(lab, "bob", pair.bob)

		lab:fact("pair", name)
		need.say_versions(lab, server_host, driver.packages)
		if pair.blocked then
			rule_of_ipv6(bob_host:box(), "-I")
		end
		local rendezvous = driver.rendezvous(lab, server_host)
		local alice = driver.peer(lab, alice_host, rendezvous)
		local bob = driver.peer(lab, bob_host, rendezvous)
		local family = outcome(lab, driver, pair, bob_host:box(), alice, bob, expected)
		lab:fact("family", family)
		equal(family, expected, name .. ": what carries what they say")
		if family ~= "shut" then
			see_the_wire(lab, bob_host, family, driver.data, pair.by_either)
		end
	end)
end

--- Registers a scenario for each pair. `driver` is one as everywhere.lua's, but for its grid and its topologies; opened()
--- returns whether they talk, and by "IPv4" or "IPv6". And
---   families       pair -> that family, or "shut"; nothing of those where both families open, if chance decides there
---   settles(lab, alice, bob, family)  of those: waits until both talk by that one; whether they do
---   data(payload)  of a pcap filter: that a datagram carries what the program has to say; payload(FROM, BYTES) are bytes of it
return function(driver)
	for _, pair in ipairs(PAIRS) do
		local expected = driver.families[pair[1]]
		if expected then
			scenario_of(driver, pair, expected)
		elseif not pair.by_either then
			error(driver.prefix .. "what comes of '" .. pair[1] .. "'?", 2)
		end
	end
end
