-- coturn's client, turnutils_uclient (Debian's coturn), behind every type of NAT and where UDP is blocked: two clients
-- of one host talk through the relay, over UDP and over TCP. To a relay only who asks it matters, and not the NAT
-- between: it opens everywhere, but over UDP where UDP is blocked. With a peer: coturn_one_relay.lua and
-- coturn_two_relays.lua.

local need = require "need"

local USER, PASSWORD = "someone", "secret"
local MESSAGES = 5
local PATIENCE_S = 30 -- without an answer it asks on for minutes
local WORDS = { ["by UDP"] = { "-y", "-m", "2" }, ["by TCP"] = { "-t", "-y", "-m", "2" } }

if not need.programs("coturn's client", { "turnutils_uclient", "turnserver", "timeout" }, "coturn") then
	return
end

require "alone" {
	prefix = "coturn: ",
	packages = "coturn",
	timeout = 90,
	ways = { "by UDP", "by TCP" },
	specs = { ["udp=blocked"] = "port-restricted,udp=blocked" },
	opens = {
		{ "open", true, true },
		{ "full-cone", true, true },
		{ "restricted", true, true },
		{ "port-restricted", true, true },
		{ "symmetric", true, true },
		{ "udp=blocked", false, true },
	},
	server = function(lab, host)
		lab:turn(host, { user = USER, password = PASSWORD })
	end,
	opened = function(_, alice, server, way)
		local command = { "timeout", tostring(PATIENCE_S), "turnutils_uclient", "-c", "-n", tostring(MESSAGES), "-u", USER,
			"-w", PASSWORD }
		local client = alice:run(need.words(need.words(command, WORDS[way]), { server:address() }))
		client:exit_status(PATIENCE_S + 10)
		return tonumber(client:seen("start_mclient: tot_send_msgs=%d+, tot_recv_msgs=(%d+)") or 0) > 0
	end,
}
