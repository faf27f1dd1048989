-- The NAT matrix: every type against every other, the row's client punches first, with the real server and clients, which
-- use the strategies they are told. What must come of each cell is the caller's table.

local p2pchat = require "p2pchat"

-- Whether a stranger's packet to the mapped port comes in before anything was sent to that stranger.
local lets_strangers_in = { ["open"] = true, ["full-cone"] = true }

local function show_that_it_talks(lab, alice, bob, way)
	if way == "relayed" then
		p2pchat.talk_by_server(lab, alice, bob)
	else
		p2pchat.talk(lab, alice, bob)
	end
end

local function cell(set, row, column, expected)
	return function(lab)
		local server_host, stranger = lab:host("server"), lab:host("stranger")
		local alice_host = lab:host("alice", { nat = set.specs[row] or row })
		local bob_host = lab:host("bob", { nat = set.specs[column] or column })
		local server = p2pchat.server(lab, server_host, { arguments = set.server })
		-- Where it must stay shut there is nothing to wait for: a second or two of probing shows it.
		local options = { punch_timeout = expected and 10 or set.shut_timeout, strategy = set.strategy }
		local alice = p2pchat.client(lab, alice_host, server, options)
		local bob = p2pchat.client(lab, bob_host, server, options)
		lab:cell { row = row, column = column, expected = expected }
		alice:login()
		bob:login()

		equal(p2pchat.lets_in(lab, stranger, alice), lets_strangers_in[row] or false,
			row .. " lets a stranger in before punching")
		equal(p2pchat.lets_in(lab, stranger, bob), lets_strangers_in[column] or false,
			column .. " lets a stranger in before punching")

		alice:punch(bob)
		local opened = p2pchat.both_know(lab, alice, bob)
		lab:cell { opened = opened }
		equal(opened, expected, row .. " x " .. column .. ": the punch opens")
		if opened then
			local _, ms = alice:punched(bob)
			local way = p2pchat.way_between(alice, bob)
			lab:cell { ms = ms, path = way }
			show_that_it_talks(lab, alice, bob, way)
		else
			p2pchat.nothing_came_through(lab, alice, bob)
		end
	end
end

--- Registers a scenario for each cell. set: strategy; types (the order); opens (type -> list of booleans); specs (type -> spec
-- where the name is none); server (arguments for it); shut_timeout (seconds)
return function(set)
	set.specs = set.specs or {}
	for _, row in ipairs(set.types) do
		for i, column in ipairs(set.types) do
			scenario((set.prefix or "") .. row .. " x " .. column, cell(set, row, column, set.opens[row][i]))
		end
	end
end
