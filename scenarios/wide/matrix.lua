-- The wide matrix: RFC 4787's three classes of mapping times three of filtering, each against each, 81 cells. What must come
-- of a cell is not written here: an oracle computes it from what was measured of the two boxes. Shown as a grid by `punchlab
-- matrix --wide`.

local p2pchat, wide = require "p2pchat", require "wide_types"

-- Long enough for a busy machine: which cells stay shut is not known beforehand, so a slow one must not look like them.
local PUNCH_TIMEOUT_S = 5

require "grid" {
	types = wide.types,
	specs = wide.specs,
	rendezvous = function(lab, host)
		return p2pchat.server(lab, host)
	end,
	peer = function(lab, host, server)
		return p2pchat.client(lab, host, server, { punch_timeout = PUNCH_TIMEOUT_S })
	end,
	opened = function(lab, alice, bob)
		alice:login()
		bob:login()
		alice:punch(bob)
		if not p2pchat.both_know(lab, alice, bob) then
			return false
		end
		local via, ms = alice:punched(bob)
		p2pchat.talk(lab, alice, bob)
		return true, { ms = ms, path = p2pchat.kind_of_path(bob, via) }
	end,
}
