-- How long a punch takes over links with delays, against the least that it can: the request, the introduction, and what
-- each NAT leaves of probe and answer, each a trip one way. The cable keeps delays to a fraction of a millisecond; what is
-- above is p2pchat's doing, and at most a fifth. The delays are long, so that a busy machine adds little to them.

local p2pchat = require "p2pchat"

local MOST = 1.2
local TRIES = 25 -- a busy machine only ever adds to a punch: the first that takes no more is what the programs need

-- Delays in milliseconds, of the lines between boxes and the internet. `trips`: between the peers, before the asker has an
-- answer to a probe. Two where the first probe gets through; where only the other's do, as its port is one that nobody could
-- know, three.
local cases = {
	{ "open", "open", alice = 200, bob = 200, server = 200, trips = 2 },
	{ "port-restricted", "port-restricted", alice = 200, bob = 200, server = 200, trips = 2 },
	{ "port-restricted", "port-restricted", alice = 400, bob = 80, server = 40, trips = 2 },
	{ "port-restricted", "port-restricted", alice = 80, bob = 400, server = 320, trips = 2 },
	{ "full-cone", "symmetric", alice = 240, bob = 240, server = 80, trips = 3 },
	{ "symmetric", "restricted", alice = 240, bob = 240, server = 80, trips = 2 },
}

local function linked(delay)
	return "delay=" .. delay .. "ms"
end

for _, strategy in ipairs { "plain", "auto" } do
	for _, c in ipairs(cases) do
		local name = ("time to punch, %s: %s %d ms away, %s %d ms, the server %d ms"):format(strategy, c[1], c.alice, c[2], c.bob,
			c.server)
		scenario(name, { timeout = 400 }, function(lab)
			local function host(who, spec, delay)
				if spec == "open" then
					return lab:host(who, { link = linked(delay) })
				end
				return lab:host(who, { behind = lab:box("box-of-" .. who, spec, { link = linked(delay) }) })
			end
			local server_host = host("server", "open", c.server)
			local alice_host, bob_host = host("alice", c[1], c.alice), host("bob", c[2], c.bob)
			local server = p2pchat.server(lab, server_host)
			local least = 2 * (c.alice + c.server) + c.trips * (c.alice + c.bob)
			local ms
			for try = 1, TRIES do
				local options = { strategy = strategy, port = 4000 + try }
				local alice, bob = p2pchat.login(lab, alice_host, server, options), p2pchat.login(lab, bob_host, server, options)
				alice:list() -- what the login left to do is done
				alice:punch(bob)
				ms = select(2, alice:punched(bob))
				print(("%d ms, %d at least: %.2f"):format(ms, least, ms / least))
				expect(ms >= least, "no answer comes before it can: " .. ms .. " ms, " .. least .. " at least")
				if ms <= MOST * least then
					break
				end
				alice.program:kill()
				bob.program:kill()
			end
			lab:fact("time to punch / least", ms / least)
			expect(ms <= MOST * least, ("%d ms are %.2f times the least, %d ms"):format(ms, ms / least, least))
		end)
	end
end
