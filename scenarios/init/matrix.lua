-- A matrix for your own program: punchlab matrix --driver FILE. Every type of NAT against every other; what must come of a
-- cell is computed from what was measured of the boxes. As it is written it drives p2pchat: put your own program in its place.

local PORT = 5000
local program = punchlab.directory .. "/p2pchat/" -- a file beside this one is lab:path("peer.py")

require "grid" {
	-- What introduces the peers, on a host of its own; what you return is handed to peer().
	rendezvous = function(lab, host)
		host:run({ program .. "server", tostring(PORT) }):wait("^listening on ")
		return host:address() .. ":" .. PORT
	end,

	-- A peer: alice's first, then bob's.
	peer = function(lab, host, rendezvous)
		local peer = host:run { program .. "client", "--identity", "none", "--strategy", "plain", "--punch-timeout", "3", rendezvous }
		peer:type("login")
		return peer
	end,

	-- Whether they got through to each other: true or false, when both know.
	opened = function(lab, alice, bob)
		alice:wait("^logged in as (%S+)")
		alice:type("punch " .. bob:wait("^logged in as (%S+)"))
		return alice:wait("^(punch%l*) ") == "punched" -- or "punch failed ..."
	end,
}
