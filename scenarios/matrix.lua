-- The NAT matrix: every type against every other, the row's client punches first. `punchlab matrix` shows it as a grid.
-- The table is the one of RFC 3489's types with peer-reflexive learning: plain punching fails only where a box that filters
-- by port meets a mapping that changes with the destination.

local p2pchat = require "p2pchat"

local types = { "open", "full-cone", "restricted", "port-restricted", "symmetric" }

local opens = {
	--                      open   full   restr  port-r symm
	["open"]            = { true,  true,  true,  true,  true },
	["full-cone"]       = { true,  true,  true,  true,  true },
	["restricted"]      = { true,  true,  true,  true,  true },
	["port-restricted"] = { true,  true,  true,  true,  false },
	["symmetric"]       = { true,  true,  true,  false, false },
}

-- Whether a stranger's packet to the mapped port comes in before anything was sent to that stranger.
local lets_strangers_in = {
	["open"] = true, ["full-cone"] = true, ["restricted"] = false, ["port-restricted"] = false, ["symmetric"] = false,
}

local function cell(row, column, expected)
	return function(lab)
		local server_host, stranger = lab:host("server"), lab:host("stranger")
		local alice_host, bob_host = lab:host("alice", { nat = row }), lab:host("bob", { nat = column })
		local server = p2pchat.server(lab, server_host)
		-- Where it must stay shut there is nothing to wait for: a second of probing shows it.
		local options = { punch_timeout = expected and 10 or 1 }
		local alice = p2pchat.client(lab, alice_host, server, options)
		local bob = p2pchat.client(lab, bob_host, server, options)
		lab:cell { row = row, column = column, expected = expected }
		alice:login()
		bob:login()

		equal(p2pchat.lets_in(lab, stranger, alice), lets_strangers_in[row], row .. " lets a stranger in before punching")
		equal(p2pchat.lets_in(lab, stranger, bob), lets_strangers_in[column],
			column .. " lets a stranger in before punching")

		alice:punch(bob)
		local opened = p2pchat.both_know(lab, alice, bob)
		lab:cell { opened = opened }
		equal(opened, expected, row .. " x " .. column .. ": the punch opens")
		if opened then
			local via, ms = alice:punched(bob)
			lab:cell { ms = ms, path = p2pchat.kind_of_path(bob, via) }
			p2pchat.talk(lab, alice, bob)
		else
			p2pchat.nothing_came_through(lab, alice, bob)
		end
	end
end

for _, row in ipairs(types) do
	for i, column in ipairs(types) do
		scenario(row .. " x " .. column, cell(row, column, opens[row][i]))
	end
end
