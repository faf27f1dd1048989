-- Chromium's WebRTC (Debian's chromium, headless): a page at each side opens a data channel to the other's. ICE from
-- one socket for each interface, with peer-reflexive candidates: what plain punching opens, it opens.

local need = require "need"

local PORT = 8000
local PATIENCE_S = 60
local FEATURES = "--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,Translate"
local URL = "http://%s:%d/page?name=%s&peer=%s%s&ice=%s"

local function encoded(text)
	return (text:gsub("[^%w]", function(byte)
		return ("%%%02X"):format(byte:byte())
	end))
end

--- Starts a browser; alice's offers.
local function browser(lab, host, rendezvous)
	local alice = host:name() == "alice"
	host:run { "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", FEATURES,
		"--user-data-dir=" .. lab:folder() .. "/" .. host:name(), "--remote-debugging-port=0",
		URL:format(rendezvous.address, PORT, host:name(), alice and "bob" or "alice", alice and "&offers=1" or "",
			encoded(rendezvous.ice)), env = { HOME = lab:folder() } }
	return host:name()
end

--- Waits until both sides know. Whether they talk, by which kind of candidate after how long, and by which family.
local function opened(lab, program, alice, bob)
	local how, path, family, ms = program:wait("^" .. alice .. " (%l+) (%S+) ?(%S*) ?(%d*)", PATIENCE_S)
	if how == "failed" then
		return false
	end
	lab:wait_until(function() -- he may have said so first
		return program:seen("^" .. bob .. " connected %S+ %S+ %d+ from " .. alice .. "$")
	end, PATIENCE_S, bob .. " has heard " .. alice)
	return true, { ms = tonumber(ms), path = path }, family
end

-- Waits until both talk by that family; they may have begun by the other. Whether they do.
local function settles(lab, alice, bob, family)
	local program = alice.rendezvous

	local function talks(name)
		local line = "^" .. name .. " %s %%S+ " .. family
		return program:seen(line:format("moved")) or program:seen(line:format("connected"))
	end

	return need.within(lab, PATIENCE_S, function()
		return talks(alice.name) and talks(bob.name)
	end)
end

local function rendezvous(lab, host, ice)
	local both = host:ipv6_address() ~= nil
	local program = host:run { "/usr/bin/python3", lab:path("browser_rendezvous.py"), tostring(PORT), both and "::" or nil }
	program:wait("^ready", 20)
	return { address = both and host:name() or host:address(), program = program, ice = ice }
end

local function peer(lab, host, server)
	return { name = browser(lab, host, server), rendezvous = server.program }
end

local function by_name(lab, alice, bob)
	return opened(lab, alice.rendezvous, alice.name, bob.name)
end

if not need.programs("Chromium", { "chromium" }, "chromium") then
	return
end

require "everywhere" {
	packages = "chromium",
	prefix = "Chromium: ",
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
	timeout = 180,
	jobs = 6,
	rendezvous = function(lab, host)
		lab:stun(host)
		return rendezvous(lab, host, ('{"iceServers":[{"urls":"stun:%s:3478"}]}'):format(host:address()))
	end,
	peer = peer,
	opened = by_name,
}

-- Between homes that have both families. It asks a STUN server by each, and so opens what is translated by both.
require "families" {
	prefix = "Chromium: ",
	packages = "chromium",
	timeout = 180,
	jobs = 6,
	families = {
		["IPv6 routed"] = "IPv6",
		["IPv6 firewalls"] = "IPv6",
		["a NAT66 and an IPv6 firewall"] = "IPv6",
		["IPv6 alone"] = "IPv6",
		["IPv6 alone, and both"] = "IPv6",
		["IPv6 alone, and IPv4 alone"] = "shut",
		["NAT64 with a translator, and IPv4 alone"] = "IPv4",
		["IPv6 at one side"] = "IPv4",
		["IPv6 at one side, symmetric"] = "shut",
		["IPv6 blocked"] = "IPv4",
		["IPv6 blocked at first"] = "IPv6",
		["IPv6 firewalls, and cones"] = "IPv6",
	},
	data = function(payload)
		return payload(0, 1) .. " >= 20" -- DTLS; below it is STUN (RFC 7983)
	end,
	rendezvous = function(lab, host)
		lab:stun(host)
		local ice = '{"iceServers":[{"urls":["stun:%s:3478","stun:[%s]:3478"]}]}'
		return rendezvous(lab, host, ice:format(host:address(), host:ipv6_address()))
	end,
	peer = peer,
	opened = function(lab, alice, bob)
		local talk, _, family = by_name(lab, alice, bob)
		return talk, family
	end,
	settles = settles,
}

-- By a relay alone: it opens wherever each side reaches its server, by TCP where UDP is blocked.
local BLOCKED = "no UDP"

require "everywhere" {
	prefix = "Chromium by a relay: ",
	packages = "chromium, coturn",
	timeout = 180,
	jobs = 6,
	types = { "open", "full-cone", "restricted", "port-restricted", "symmetric", BLOCKED },
	specs = { [BLOCKED] = "symmetric,udp=blocked" },
	opens = {
		["open"] = { true, true, true, true, true, true },
		["full-cone"] = { true, true, true, true, true, true },
		["restricted"] = { true, true, true, true, true, true },
		["port-restricted"] = { true, true, true, true, true, true },
		["symmetric"] = { true, true, true, true, true, true },
		[BLOCKED] = { true, true, true, true, true, true },
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
		lab:turn(host, { user = "someone", password = "secret" })
		return rendezvous(lab, host)
	end,
	peer = function(lab, host, server, cell)
		local nat = cell and (host:name() == "alice" and cell.row or cell.column)
		server.ice = ('{"iceTransportPolicy":"relay","iceServers":[{"urls":"turn:%s:3478%s",' ..
			'"username":"someone","credential":"secret"}]}'):format(server.address, nat == BLOCKED and "?transport=tcp" or "")
		return peer(lab, host, server)
	end,
	opened = function(lab, alice, bob)
		local talk, more = by_name(lab, alice, bob)
		if talk then
			equal(more and more.path, "relay", "the way it went")
		end
		return talk, more
	end,
}
