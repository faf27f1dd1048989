-- coturn's client, turnutils_uclient, with one relay, hers, and a bob who runs coturn's echo, turnutils_peer: the relayed
-- address is a stranger's to him, and he, who never sends first, has opened no way. It opens for an open bob alone,
-- whoever alice is: that is why both sides of a call want a relay (coturn_two_relays.lua).

local need = require "need"

local USER, PASSWORD = "someone", "secret"
local PATIENCE_S = 30
local ECHO_PORT = 3480
local BIG = 700 -- bytes of a message: what else a relay sends is smaller
local SENT = 50 -- messages after which who did not answer does not
local SHUT_S = 5 -- and so long

if not need.programs("coturn's echo", { "turnutils_uclient", "turnutils_peer", "turnserver" }, "coturn") then
	return
end

--- Sends from alice through her relay to bob's public address; whether an echo came back, or after so many none.
local function echoes(lab, alice, bob, relay)
	local to_bob = ("udp and greater %d and src host %s and dst host %s"):format(BIG, relay:address(), bob:public_address())
	local to_alice = ("udp and greater %d and src host %s and src port 3478"):format(BIG, relay:address())
	alice:run { "turnutils_uclient", "-c", "-n", "10000", "-l", tostring(BIG), "-u", USER, "-w", PASSWORD, "-e",
		bob:public_address(), "-r", tostring(ECHO_PORT), relay:address() }
	lab:wait_until(function()
		return lab:count(relay:name() .. " eth0", to_bob .. " and not src port 3478") >= SENT
	end, PATIENCE_S, "the relay has sent bob " .. SENT)
	return need.within(lab, SHUT_S, function()
		return lab:count("alice eth0", to_alice) > 0
	end)
end

local ONE = { true, false, false, false, false }

require "everywhere" {
	prefix = "coturn, one relay: ",
	packages = "coturn",
	timeout = 120,
	opens = {
		["open"] = ONE, ["full-cone"] = ONE, ["restricted"] = ONE, ["port-restricted"] = ONE, ["symmetric"] = ONE,
	},
	topologies = {
		["one home"] = false,
		["one home, hairpinning"] = false,
		["one carrier"] = false,
		["one carrier, hairpinning"] = false,
		["a home in a home"] = false,
		["a home behind a cellular carrier"] = false,
	},
	rendezvous = function(lab, host)
		lab:turn(host, { user = USER, password = PASSWORD })
		return host
	end,
	peer = function(_, host, relay)
		if host:name() == "bob" then
			host:run { "turnutils_peer", "-p", tostring(ECHO_PORT), "-L", host:address() }
		end
		return { host = host, relay = relay }
	end,
	opened = function(lab, alice, bob)
		return echoes(lab, alice.host, bob.host, alice.relay)
	end,
}
