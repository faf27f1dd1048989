-- coturn's client, turnutils_uclient (Debian's coturn), behind every type of NAT and where UDP is blocked: two clients
-- of one host talk through the relay, over UDP and over TCP. To a relay only who asks it matters, and not the NAT
-- between: it opens everywhere, but over UDP where UDP is blocked.
--
-- Then one relay, alice's, and a bob who runs coturn's echo, turnutils_peer: the relayed address is a stranger's there,
-- and he, who never sends first, has opened no way. It opens for an open bob alone, whoever alice is: that is why both
-- sides of a call want a relay (coturn_relays.lua).

local need = require "need"

local TYPES = { "open", "full-cone", "restricted", "port-restricted", "symmetric", "udp=blocked" }
local SPECS = { ["udp=blocked"] = "port-restricted,udp=blocked" }
local USER, PASSWORD = "someone", "secret"
local MESSAGES = 5
local PATIENCE_S = 30 -- without an answer it asks on for minutes
local ECHO_PORT = 3480
local BIG = 700 -- bytes of a message: what else a relay sends is smaller
local SENT = 50 -- messages after which who did not answer does not
local SHUT_S = 5 -- and so long

if not need.programs("coturn's client", { "turnutils_uclient", "turnutils_peer", "turnserver", "timeout" }, "coturn") then
	return
end

--- Runs the client there until it ends. How many messages came back.
local function talk(host, relay, words)
	local command = { "timeout", tostring(PATIENCE_S), "turnutils_uclient", "-c", "-n", tostring(MESSAGES), "-u", USER,
		"-w", PASSWORD }
	local client = host:run(need.words(need.words(command, words), { relay:address() }))
	client:exit_status(PATIENCE_S + 10)
	return tonumber(client:seen("start_mclient: tot_send_msgs=%d+, tot_recv_msgs=(%d+)") or 0)
end

local function relay_for(lab, host)
	lab:turn(host, { user = USER, password = PASSWORD })
	return host
end

for _, nat in ipairs(TYPES) do
	for _, transport in ipairs { "udp", "tcp" } do
		scenario("coturn: " .. nat .. " by " .. transport, { timeout = 90 }, function(lab)
			local relay = lab:host("relay")
			local alice = lab:host("alice", { nat = SPECS[nat] or nat })
			relay_for(lab, relay)
			local came = talk(alice, relay, transport == "tcp" and { "-t", "-y", "-m", "2" } or { "-y", "-m", "2" })
			lab:fact("opened", came > 0)
			equal(came > 0, transport == "tcp" or nat ~= "udp=blocked", "messages come back through the relay")
		end)
	end
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
	rendezvous = relay_for,
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
