-- aioice, an ICE agent in Python (Debian's python3-aioice), through every type of NAT. ICE checks candidate pairs from one
-- socket, and learns peer-reflexive candidates: what plain punching opens, it opens. tools/deps others installs it.

local need = require "need"

local PYTHON = "/usr/bin/python3"
local PATIENCE_S = 40 -- more than the peer's own limit, on a busy machine

--- Starts a side; the first of a rendezvous is the controlling one.
local function peer(lab, host, rendezvous)
	local controlling = rendezvous.has_one and "0" or "1"
	rendezvous.has_one = true
	return host:run(need.words({ PYTHON, lab:path("ice_peer.py"), host:name(), controlling, lab:folder(), rendezvous.stun },
		rendezvous.turn))
end

--- Waits until both sides know. Whether they talk, by which kind of candidate and by which family, and after how long.
local function opened(_, alice, bob)
	alice:wait("^candidates ", PATIENCE_S)
	if alice:wait("^(%l+) ", PATIENCE_S) == "failed" then
		bob:wait("^failed ", PATIENCE_S)
		return false
	end
	bob:wait("^connected %S+ %S+ %d+ from alice$", PATIENCE_S)
	local kind, family, ms = alice:seen("^connected (%S+) (%S+) (%d+) from bob$")
	return true, { ms = tonumber(ms), path = kind }, family
end

require "everywhere" {
	packages = "python3-aioice",
	prefix = "aioice: ",
	opens = {
		["open"] = { true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true },
		["restricted"] = { true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, false },
		["symmetric"] = { true, true, true, false, false },
	},
	topologies = {
		["one home"] = true,
		["one home, hairpinning"] = true,
		["one carrier"] = false,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = false,
	},
	timeout = 120,
	rendezvous = function(lab, host)
		need.module(host, "aioice", "python3-aioice")
		lab:stun(host)
		return { stun = host:address() }
	end,
	peer = peer,
	opened = opened,
}

-- By a relay alone: it opens wherever each side reaches its server.
require "everywhere" {
	prefix = "aioice by a relay: ",
	packages = "python3-aioice, coturn",
	timeout = 120,
	opens = {
		["open"] = { true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true },
		["restricted"] = { true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, true },
		["symmetric"] = { true, true, true, true, true },
	},
	topologies = {
		["one home"] = true,
		["one home, hairpinning"] = true,
		["one carrier"] = true,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = true,
	},
	rendezvous = function(lab, host)
		need.module(host, "aioice", "python3-aioice")
		lab:turn(host, { user = "someone", password = "secret" }) -- it answers STUN, too
		return { stun = host:address(), turn = { host:address(), "someone", "secret" } }
	end,
	peer = peer,
	opened = function(lab, alice, bob)
		local talk, more = opened(lab, alice, bob)
		if talk then
			equal(more and more.path, "relay", "the way it went")
		end
		return talk, more
	end,
}

-- Between homes that have both families. Its candidates of IPv6 are those of the host alone, as it asks no STUN server by
-- IPv6: a NAT66 is shut to it, where who is behind it is told nothing of his address outside.
require "families" {
	packages = "python3-aioice",
	prefix = "aioice: ",
	timeout = 120,
	families = {
		["IPv6 routed"] = "IPv6",
		["IPv6 firewalls"] = "IPv6",
		["a NAT66 and an IPv6 firewall"] = "shut",
		["IPv6 alone"] = "IPv6",
		["IPv6 alone, and both"] = "IPv6",
		["IPv6 alone, and IPv4 alone"] = "shut",
		["NAT64 with a translator, and IPv4 alone"] = "IPv4",
		["IPv6 at one side"] = "IPv4",
		["IPv6 at one side, symmetric"] = "shut",
		["IPv6 blocked"] = "IPv4",
	},
	data = function(payload)
		return payload(0, 4) .. " = 0x66726f6d" -- "from"
	end,
	rendezvous = function(lab, host)
		need.module(host, "aioice", "python3-aioice")
		lab:stun(host)
		return { stun = host:address() }
	end,
	peer = peer,
	opened = function(lab, alice, bob)
		local talk, _, family = opened(lab, alice, bob)
		return talk, family
	end,
}
