-- coturn's client, turnutils_uclient (Debian's coturn), behind every type of NAT, where UDP is blocked and where there is
-- no IPv4: two clients of one host talk through the relay, over UDP and over TCP, also where the relay itself speaks TCP
-- (RFC 6062). To a relay only who asks it matters, and not the NAT between: it opens everywhere, but over UDP where UDP is
-- blocked. With a peer: coturn_one_relay.lua and coturn_two_relays.lua.

local need = require "need"
local nat64 = require "nat64_address"

local USER, PASSWORD = "someone", "secret"
local MESSAGES = 5
local PATIENCE_S = 60 -- without an answer it asks on for minutes
local WORDS = {
	["by UDP"] = { "-y", "-m", "2" },
	["by TCP"] = { "-t", "-y", "-m", "2" },
	["relayed by TCP"] = { "-T", "-m", "2" },
}

if not need.programs("coturn's client", { "turnutils_uclient", "turnserver", "timeout" }, "coturn") then
	return
end

require "alone" {
	prefix = "coturn: ",
	packages = "coturn",
	timeout = 150,
	ways = { "by UDP", "by TCP", "relayed by TCP" },
	specs = { ["udp=blocked"] = "port-restricted,udp=blocked", ["NAT64"] = "port-restricted,ipv6=nat64" },
	families = { ["NAT64"] = "6" },
	opens = {
		{ "open", true, true, true },
		{ "full-cone", true, true, true },
		{ "restricted", true, true, true },
		{ "port-restricted", true, true, true },
		{ "symmetric", true, true, true },
		{ "udp=blocked", false, true, true },
		{ "NAT64", true, true, true },
	},
	server = function(lab, host)
		lab:turn(host, { user = USER, password = PASSWORD })
	end,
	opened = function(lab, alice, server, way)
		local at = nat64.is_behind(alice) and nat64.embedded(server:address()) or server:address()
		local command = { "timeout", tostring(PATIENCE_S), "turnutils_uclient", "-c", "-n", tostring(MESSAGES), "-u", USER,
			"-w", PASSWORD }
		local client = alice:run(need.words(need.words(command, WORDS[way]), { at }))
		client:exit_status(PATIENCE_S + 10)
		local other = way == "by UDP" and "tcp" or "udp"
		equal(lab:count("alice eth0", other), 0, "packets of " .. other .. ", which it was not told to use")
		return tonumber(client:seen("start_mclient: tot_send_msgs=%d+, tot_recv_msgs=(%d+)") or 0) > 0
	end,
}
