-- Who can talk, and by which family: `punchlab matrix --families`. Hosts that have IPv4 alone, both families, IPv6 alone,
-- each behind the box that such a home has. Every family that two have in common is punched by itself, by sockets of the
-- lab's own; what must come of each is the oracle's to say, of IPv4 and of IPv6. Where there is none in common, nothing.

local grid = require "grid"

local PATIENCE, PATIENCE_IN_WEATHER = 0.3, 2
local TRIES = 4

local FAMILIES = { "4", "6" }
local ANY = { ["4"] = "0.0.0.0", ["6"] = "::" }
local FORMAT = { ["4"] = "%s:%d", ["6"] = "[%s]:%d" }

local function address_of(host, family)
	if family == "6" then
		return host:ipv6_address()
	end
	return host:address()
end

-- A socket on the host, and where the server sees it.
local function open(host, server, family)
	local at_server, socket = server:udp(0, ANY[family]), host:udp(0, ANY[family])
	for _ = 1, TRIES do
		socket:send(FORMAT[family]:format(address_of(server, family), at_server:port()), "who am I")
		local _, seen_as = at_server:receive(PATIENCE_IN_WEATHER)
		if seen_as then
			return { socket = socket, to = seen_as }
		end
	end
	fail(host:name() .. " does not reach the server by IPv" .. family)
end

-- Both send to where the other was seen, and to where they are heard from; until each has been answered.
local function punch(a, b, patience)
	local heard = {}
	for _ = 1, TRIES do
		a.socket:send(b.to, heard[a] and "heard" or "hello")
		b.socket:send(a.to, heard[b] and "heard" or "hello")
		for _, side in ipairs { { a, b }, { b, a } } do
			local me, other = side[1], side[2]
			local text, from = me.socket:receive(patience)
			if text then
				heard[me], other.to = heard[me] or text == "heard", from
				me.socket:send(from, "heard")
			end
		end
		if heard[a] and heard[b] then
			return true
		end
	end
	return false
end

local function is_fair(host)
	return (host:box() or host):link():weather() == "fair"
end

local function opened(lab, alice, bob)
	local patience = is_fair(alice.host) and is_fair(bob.host) and PATIENCE or PATIENCE_IN_WEATHER
	local ways, in_common = {}, false
	for _, family in ipairs(FAMILIES) do
		if address_of(alice.host, family) and address_of(bob.host, family) then
			in_common = true
			local got_through = punch(open(alice.host, alice.server, family), open(bob.host, bob.server, family), patience)
			lab:oracle(alice.host, bob.host, got_through, "udp", family)
			ways[#ways + 1] = got_through and family .. " only" or nil
		end
	end
	if not in_common then
		lab:cell { expected = false }
	end
	return ways[1] ~= nil, { path = ways[2] and "both" or ways[1] }
end

grid {
	prefix = "families: ",
	types = { "v4", "dual", "dual-symmetric", "v6" },
	specs = {
		["v4"] = "restricted",
		["dual"] = "port-restricted,ipv6=firewall",
		["dual-symmetric"] = "symmetric,ipv6=firewall,ipv6.filtering=ad",
		["v6"] = "open,ipv6=firewall",
	},
	families = { ["dual"] = "46", ["dual-symmetric"] = "46", ["v6"] = "6" },
	rendezvous = function(_, host) return host end,
	peer = function(_, host, server) return { host = host, server = server } end,
	opened = opened,
}
