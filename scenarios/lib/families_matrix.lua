-- Who can talk, and by which family: `punchlab matrix --families`, by UDP, or with `--tcp`. Hosts that have IPv4 alone, both
-- families, IPv6 alone, each behind the box that such a home has; through a NAT64 a host without IPv4 has it all the same. Every
-- family that two have in common is punched by itself, by sockets of the lab's own; what must come of each is the oracle's to
-- say, of IPv4 and of IPv6. Where there is none in common, nothing.

local grid, nat64 = require "grid", require "nat64_address"

local PATIENCE, PATIENCE_IN_WEATHER = 0.3, 2
local TRIES = 4

-- A SYN that comes too early, or is lost, is repeated by the kernel 1, 3 and 7 s after the first.
local SYN_PATIENCE, SYN_PATIENCE_IN_WEATHER = 4, 10

local FAMILIES = { "4", "6" }
local ANY = { ["4"] = "0.0.0.0", ["6"] = "::" }
local FORMAT = { ["4"] = "%s:%d", ["6"] = "[%s]:%d" }

local function has(host, family)
	if family == "6" then
		return host:ipv6_address() ~= nil
	end
	return host:address() ~= nil or nat64.is_behind(host)
end

-- A socket on the host, and where the server sees it. Behind a NAT64 IPv4's endpoints are IPv6's on the wire.
local function open(host, server, family)
	local embeds = family == "4" and nat64.is_behind(host)
	local at_server, socket = server:udp(0, ANY[family]), host:udp(0, ANY[embeds and "6" or family])
	local server_address = family == "6" and server:ipv6_address() or server:address()
	local me = {
		send = function(to, text) socket:send(embeds and nat64.embedded(to) or to, text) end,
		receive = function(patience)
			local text, from = socket:receive(patience)
			return text, embeds and from and nat64.extracted(from) or from
		end,
	}
	for _ = 1, TRIES do
		me.send(FORMAT[family]:format(server_address, at_server:port()), "who am I")
		local _, seen_as = at_server:receive(PATIENCE_IN_WEATHER)
		if seen_as then
			me.seen_as = seen_as
			return me
		end
	end
	fail(host:name() .. " does not reach the server by IPv" .. family)
end

-- Both send to where the other was seen, and to where they are heard from; until each has been answered.
local function punch(a, b, patience)
	local heard, to = {}, { [a] = b.seen_as, [b] = a.seen_as }
	for _ = 1, TRIES do
		a.send(to[a], heard[a] and "heard" or "hello")
		b.send(to[b], heard[b] and "heard" or "hello")
		for _, me in ipairs { a, b } do
			local text, from = me.receive(patience)
			if text then
				heard[me], to[me] = heard[me] or text == "heard", from
				me.send(from, "heard")
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

-- Whether a punch by that family opens: two hosts, their server, and whether nothing happens on their links.
local PUNCHES = {
	udp = function(alice, bob, server, family, fair)
		return punch(open(alice, server, family), open(bob, server, family), fair and PATIENCE or PATIENCE_IN_WEATHER)
	end,
	tcp = function(alice, bob, server, family, fair)
		local got = alice:tcp_punch(bob, server, { family = family, timeout = fair and SYN_PATIENCE or SYN_PATIENCE_IN_WEATHER })
		if got.opened then
			got.mine.connection:send("a text")
			equal(got.theirs.connection:receive(), "a text", "what bob got by IPv" .. family)
		end
		return got.opened
	end,
}

local function opened(protocol, lab, alice, bob)
	local fair = is_fair(alice.host) and is_fair(bob.host)
	local ways, in_common = {}, false
	for _, family in ipairs(FAMILIES) do
		if has(alice.host, family) and has(bob.host, family) then
			in_common = true
			local got_through = PUNCHES[protocol](alice.host, bob.host, alice.server, family, fair)
			lab:oracle(alice.host, bob.host, got_through, protocol, family)
			ways[#ways + 1] = got_through and family .. " only" or nil
		end
	end
	if not in_common then
		lab:cell { expected = false }
	end
	return ways[1] ~= nil, { path = ways[2] and "both" or ways[1] }
end

--- set: prefix of the scenarios' names; protocol
return function(set)
	grid {
		prefix = set.prefix,
		types = { "v4", "dual", "dual-symmetric", "v6", "nat64", "nat66", "nptv6" },
		specs = {
			["v4"] = "restricted",
			["dual"] = "port-restricted,ipv6=firewall",
			["dual-symmetric"] = "symmetric,ipv6=firewall,ipv6.filtering=ad",
			["v6"] = "open,ipv6=firewall",
			["nat64"] = "port-restricted,ipv6=nat64",
			["nat66"] = "port-restricted,ipv6=nat66,ipv6.mapping=apd",
			["nptv6"] = "symmetric,ipv6=nptv6",
		},
		families = { ["dual"] = "46", ["dual-symmetric"] = "46", ["v6"] = "6", ["nat64"] = "6", ["nat66"] = "46", ["nptv6"] = "46" },
		rendezvous = function(_, host) return host end,
		peer = function(_, host, server) return { host = host, server = server } end,
		opened = function(lab, alice, bob) return opened(set.protocol, lab, alice, bob) end,
	}
end
