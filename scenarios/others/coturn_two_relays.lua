-- coturn's client at each side, with a relay of its own each: alice's relay sends to bob's, and his to hers, so that it
-- opens in every NAT.
--
-- The client is told where its peer is relayed when it starts, and says where it is relayed itself after that: one of two
-- has to know beforehand. So bob's relay has two ports; his client takes one to try and another one to use, rolls dice
-- which (whether it asks for an even one), and is started anew, as his relay is, until it has the one that alice was told.

local need, stun = require "need", require "stun"

local USER, PASSWORD = "someone", "secret"
local STUN_PORT, BOBS_PORT = 3478, 3479
local RELAYED = { 40000, 40001 } -- below those that the other relay gives out
local BIG = 700 -- bytes of a message: what else a relay sends is smaller
local PATIENCE_S = 30
local TRIES = 60 -- more than every third is lucky
local SAID = "Received relay addr: .*:(%d+)$"
local ALL = { true, true, true, true, true }

if not need.programs("coturn's clients", { "turnutils_uclient", "turnserver" }, "coturn") then
	return
end

local function client(host, relay_port, server, peer_port)
	return host:run { "turnutils_uclient", "-v", "-c", "-n", "10000", "-l", tostring(BIG), "-u", USER, "-w", PASSWORD, "-p",
		tostring(relay_port), "-e", server:address(), "-r", tostring(peer_port), server:address() }
end

--- The port that a client uses at its relay, or nil if it has none: the second one that it says.
local function relayed(program)
	return program:try_wait(SAID, PATIENCE_S) and program:try_wait(SAID, PATIENCE_S)
end

local function bobs_relay(lab, host)
	local address, socket = host:address() .. ":" .. BOBS_PORT, host:udp(0)
	local program = host:run { "turnserver", "-n", "--no-tls", "--no-dtls", "--no-cli", "--log-file=stdout",
		"--simple-log", "--pidfile=/run/bobs.pid", "--userdb=/run/bobs.db", "--lt-cred-mech", "--realm=lab", "-L",
		host:address(), "--user=" .. USER .. ":" .. PASSWORD, "-p", tostring(BOBS_PORT), "--min-port=" .. RELAYED[1],
		"--max-port=" .. RELAYED[2] }
	lab:wait_until(function()
		socket:send(address, stun.REQUEST)
		return socket:receive(0.1)
	end, PATIENCE_S, "the relay at " .. address .. " answers")
	socket:close()
	return program
end

local function bob_at(lab, host, server, peer_port)
	for _ = 1, TRIES do
		local relay = bobs_relay(lab, server)
		local program = client(host, BOBS_PORT, server, peer_port)
		if relayed(program) == tostring(RELAYED[2]) then
			return
		end
		if not program:ended() then
			program:kill()
		end
		relay:kill()
	end
	fail("bob's relayed port", RELAYED[2], "never that one")
end

local function came(lab, host, server, port)
	local filter = "udp and greater %d and src host %s and src port %d"
	return lab:count(host:name() .. " eth0", filter:format(BIG, server:address(), port)) > 0
end

require "everywhere" {
	prefix = "coturn, two relays: ",
	packages = "coturn",
	timeout = 120,
	opens = { ["open"] = ALL, ["full-cone"] = ALL, ["restricted"] = ALL, ["port-restricted"] = ALL, ["symmetric"] = ALL },
	topologies = {
		["one home"] = true,
		["one home, hairpinning"] = true,
		["one carrier"] = true,
		["one carrier, hairpinning"] = true,
		["a home in a home"] = true,
		["a home behind a cellular carrier"] = true,
	},
	rendezvous = function(lab, host)
		lab:turn(host, { user = USER, password = PASSWORD })
		return { host = host }
	end,
	peer = function(lab, host, server)
		if host:name() == "alice" then
			server.alices_port = relayed(client(host, STUN_PORT, server.host, RELAYED[2]))
		else
			bob_at(lab, host, server.host, server.alices_port)
		end
		return { host = host, server = server.host }
	end,
	opened = function(lab, alice, bob)
		local opened = need.within(lab, PATIENCE_S, function()
			return came(lab, alice.host, alice.server, STUN_PORT) and came(lab, bob.host, bob.server, BOBS_PORT)
		end)
		return opened, { path = opened and "relay" or nil }
	end,
}
