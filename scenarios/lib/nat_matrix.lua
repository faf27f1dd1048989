-- p2pchat in a matrix of NATs: the real server and clients, which use the strategies they are told; alice punches.

local grid, p2pchat = require "grid", require "p2pchat"

-- Whether a stranger's packet to the mapped port comes in before anything was sent to that stranger.
local lets_strangers_in = { ["open"] = true, ["full-cone"] = true }

local lets_nobody_out = { ["udp-blocked"] = true }

-- Waits until it is logged in, or has said that it cannot. Whether it is.
local function gets_in(client, kind)
	if lets_nobody_out[kind] then
		client.program:wait("^login failed .*: no answer in 10%.0 s$", 30)
		return false
	end
	client:logged_in()
	return true
end

-- Seconds: what opens does so in a few trips, however long those are; the rest is for a machine that has no turn for it.
local OPEN_TIMEOUT, CELL_TIMEOUT = 30, 240

-- Where a link delays or loses packets, it takes longer to say that nothing comes.
local PATIENCE_IN_WEATHER = 10

local function shut_timeout(host, seconds)
	local outside = host:box() or host
	return outside:link():weather() == "fair" and seconds or PATIENCE_IN_WEATHER
end

local function show_that_it_talks(lab, alice, bob, way)
	if way == "relayed" then
		p2pchat.talk_by_server(lab, alice, bob)
	else
		p2pchat.talk(lab, alice, bob)
	end
end

--- set: a driver's prefix, types, specs and opens; strategy; server (arguments for it); shut_timeout (seconds)
return function(set)
	local driver = { prefix = set.prefix, types = set.types, specs = set.specs, opens = set.opens, timeout = CELL_TIMEOUT }

	function driver.rendezvous(lab, host)
		return { stranger = lab:host("stranger"), server = p2pchat.server(lab, host, { arguments = set.server }) }
	end

	-- Where it must stay shut there is nothing to wait for: a second or two of probing shows it.
	function driver.peer(lab, host, rendezvous, cell)
		local client = p2pchat.client(lab, host, rendezvous.server,
			{ punch_timeout = cell.expected and OPEN_TIMEOUT or shut_timeout(host, set.shut_timeout), strategy = set.strategy })
		client.stranger = rendezvous.stranger
		return client
	end

	function driver.opened(lab, alice, bob, cell)
		alice.program:type("login")
		bob.program:type("login")
		local alice_is_in, bob_is_in = gets_in(alice, cell.row), gets_in(bob, cell.column)
		if not (alice_is_in and bob_is_in) then
			return false
		end
		equal(p2pchat.lets_in(lab, alice.stranger, alice), lets_strangers_in[cell.row] or false,
			cell.row .. " lets a stranger in before punching")
		equal(p2pchat.lets_in(lab, bob.stranger, bob), lets_strangers_in[cell.column] or false,
			cell.column .. " lets a stranger in before punching")
		alice:punch(bob)
		if not p2pchat.both_know(lab, alice, bob) then
			p2pchat.nothing_came_through(lab, alice, bob)
			return false
		end
		local _, ms = alice:punched(bob)
		local way = p2pchat.way_between(alice, bob)
		show_that_it_talks(lab, alice, bob, way)
		return true, { ms = ms, path = way }
	end

	grid(driver)
end
