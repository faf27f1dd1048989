-- A matrix of NATs for TCP, with sockets of the lab's own: both listen and dial, by a word of the server. What must come of
-- a cell is the oracle's to say.

local grid = require "grid"

-- A SYN that comes too early, or is lost, is repeated by the kernel 1, 3 and 7 s after the first.
local PATIENCE, PATIENCE_IN_WEATHER = 4, 10

local function is_fair(host)
	return (host:box() or host):link():weather() == "fair"
end

--- set: a driver's prefix, types and specs
return function(set)
	grid {
		prefix = set.prefix,
		types = set.types,
		specs = set.specs,
		protocol = "tcp",
		rendezvous = function(_, host) return host end,
		peer = function(_, host, server) return { host = host, server = server } end,
		opened = function(_, alice, bob)
			local fair = is_fair(alice.host) and is_fair(bob.host)
			local punch = alice.host:tcp_punch(bob.host, alice.server, { timeout = fair and PATIENCE or PATIENCE_IN_WEATHER })
			if not punch.opened then
				return false
			end
			local mine, theirs = punch.mine.connection, punch.theirs.connection
			mine:send("a text")
			equal(theirs:receive(), "a text", "what bob got")
			theirs:send("an answer")
			equal(mine:receive(), "an answer", "what alice got")
			return true, { ms = punch.ms, path = punch.simultaneous and "simultaneous" or "called" }
		end,
	}
end
