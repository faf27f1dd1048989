-- Two cells for the browser test: one opens as expected; of the other it is wrongly expected, so that a real run has a cell
-- that deviates, with its evidence.

local p2pchat = require "p2pchat"

local function cell(row, column)
	return function(lab)
		local server_host = lab:host("server")
		local alice_host, bob_host = lab:host("alice", { nat = row }), lab:host("bob", { nat = column })
		local server = p2pchat.server(lab, server_host)
		local alice = p2pchat.client(lab, alice_host, server, { punch_timeout = 1 })
		local bob = p2pchat.client(lab, bob_host, server, { punch_timeout = 1 })
		lab:cell { row = row, column = column, expected = true }
		alice:login()
		bob:login()
		alice:punch(bob)
		local opened = p2pchat.both_know(lab, alice, bob)
		lab:cell { opened = opened }
		if opened then
			local _, ms = alice:punched(bob)
			lab:cell { ms = ms }
		end
		equal(opened, true, row .. " x " .. column .. ": the punch opens")
	end
end

scenario("port-restricted x port-restricted", cell("port-restricted", "port-restricted"))
scenario("port-restricted x symmetric", cell("port-restricted", "symmetric"))
