-- coturn's client, turnutils_uclient (Debian's coturn), behind every type of NAT and where UDP is blocked: two clients
-- of one host talk through the relay, over UDP and over TCP. To a relay only who asks it matters, and not the NAT
-- between: it opens everywhere, but over UDP where UDP is blocked.
--
-- Then its relay and a peer that runs coturn's echo, turnutils_peer, behind each type: the relayed address is a
-- stranger's there, and the peer, which never sends first, has opened no way. It opens for the open host alone: that is
-- why both sides of a call want a relay.

local need = require "need"

local TYPES = { "open", "full-cone", "restricted", "port-restricted", "symmetric", "udp=blocked" }
local SPECS = { ["udp=blocked"] = "port-restricted,udp=blocked" }
local MESSAGES = 5
local PATIENCE_S = 30 -- without an answer it asks on for minutes

if not need.programs("coturn's client", { "turnutils_uclient", "turnutils_peer", "turnserver", "timeout" }, "coturn") then
	return
end

--- Runs the client there until it ends. How many messages came back.
local function talk(host, relay, words)
	local command = { "timeout", tostring(PATIENCE_S), "turnutils_uclient", "-c", "-n", tostring(MESSAGES), "-u", "someone",
		"-w", "secret" }
	local client = host:run(need.words(need.words(command, words), { relay:address() }))
	client:exit_status(PATIENCE_S + 10)
	return tonumber(client:seen("start_mclient: tot_send_msgs=%d+, tot_recv_msgs=(%d+)") or 0)
end

local function relay_for(lab, host)
	lab:turn(host, { user = "someone", password = "secret" })
	return host
end

for _, nat in ipairs(TYPES) do
	for _, transport in ipairs { "udp", "tcp" } do
		scenario("coturn: " .. nat .. " by " .. transport, { timeout = 90 }, function(lab)
			local relay = lab:host("relay")
			local alice = lab:host("alice", { nat = SPECS[nat] or nat })
			relay_for(lab, relay)
			lab:cell { row = nat, column = transport }
			local came = talk(alice, relay, transport == "tcp" and { "-t", "-y", "-m", "2" } or { "-y", "-m", "2" })
			lab:cell { opened = came > 0 }
			equal(came > 0, transport == "tcp" or nat ~= "udp=blocked", "messages come back through the relay")
		end)
	end
end

for i = 1, 5 do
	local nat = TYPES[i]
	scenario("coturn: symmetric to a peer behind " .. nat, { timeout = 90 }, function(lab)
		local relay = lab:host("relay")
		local alice, bob = lab:host("alice", { nat = "symmetric" }), lab:host("bob", { nat = nat })
		relay_for(lab, relay)
		bob:run { "turnutils_peer", "-p", "3480", "-L", bob:address() }
		lab:cell { row = "to a peer", column = nat }
		local came = talk(alice, relay, { "-e", bob:public_address(), "-r", "3480" })
		lab:cell { opened = came > 0 }
		equal(came > 0, nat == "open", "the peer's echo comes back through the relay")
	end)
end
