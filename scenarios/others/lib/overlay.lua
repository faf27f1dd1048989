-- Programs that join hosts in a network of their own (n2n, Nebula, tinc, WireGuard): whether two of them talk directly is
-- told from the wire, in the same way for all, whatever they say of themselves.

local need = require "need"

local overlay = {}

-- A ping of this size is seen inside whatever an overlay wraps and encrypts: what introduces or keeps alive is smaller.
local SIZE = 700
local SEEN = "%s and greater %d and dst host %s and (src host %s or src host %s)"
local INTERVAL_S = 0.25

--- How many such pings came to a host straight from the other's address, its own or its public one, by "udp" or "tcp".
function overlay.came(lab, to, from, protocol)
	return lab:count(to:name() .. " eth0", SEEN:format(protocol, SIZE, to:address(), from:address(), from:public_address()))
end

--- Pings through the overlay for up to `patience` seconds, from the first of two peers, until they came straight from the
--- other at both ends by that protocol. A peer is a table of `host` and `address`, that in the overlay. Returns whether they
--- did, and the ping.
function overlay.direct(lab, alice, bob, patience, protocol)
	local ping = alice.host:run { "ping", "-n", "-i", tostring(INTERVAL_S), "-c", tostring(math.floor(patience / INTERVAL_S)),
		"-s", tostring(SIZE), bob.address }
	local straight
	repeat
		lab:sleep(INTERVAL_S)
		straight = overlay.came(lab, alice.host, bob.host, protocol) > 0 and overlay.came(lab, bob.host, alice.host, protocol) > 0
	until straight or ping:ended()
	if not ping:ended() then
		ping:signal("INT")
	end
	return straight, ping
end

--- Registers the scenarios of such a program. `driver` is one for everywhere.lua, but for `opened`; and
---   programs            what has to be installed
---   patience            seconds until two that do not talk directly by then are said not to
---   relays              whether two that do not talk directly talk through whom both know
--   ready(alice, bob)   waits until both are, where peer() cannot: as each waits for the other
--- What rendezvous and peer return is as in a grid; a peer is a table of host and address, that in the overlay.
function overlay.everywhere(name, driver)
	local patience, relays, ready, by, seen = driver.patience, driver.relays, driver.ready, driver.by, driver.seen
	if not need.programs(name, driver.programs, driver.packages, true) then
		return
	end
	driver.programs, driver.patience, driver.relays, driver.ready, driver.by, driver.seen = nil, nil, nil, nil, nil, nil
	driver.prefix = name .. ": "
	driver.timeout, driver.jobs = 180, 3
	driver.opened = function(lab, alice, bob, cell)
		if ready then
			ready(alice, bob)
		end
		local straight, ping = overlay.direct(lab, alice, bob, patience, by and by(cell) or "udp")
		local ms = ping:seen("time=([%d.]+) ms")
		if not straight then
			equal(ms ~= nil, relays, "they talk through another")
		end
		if seen then
			seen(lab, alice.host, bob.host, straight, cell)
		end
		return straight, { path = straight and "direct" or relays and "relay" or nil }
	end
	require "everywhere"(driver)
end

return overlay
