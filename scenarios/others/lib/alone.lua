-- A program of other people that has no peer, only a server: behind each type of NAT, by each of its ways.

local need = require "need"

--- Registers a scenario for each. `driver` is a table:
---   server(lab, host)                starts what it talks to, on the host "server"
---   opened(lab, alice, server, way)  runs it on the host alice; whether it got through to that host
---   ways                             its ways, in their order
---   opens                            lists of a type, and of whether it opens there by each way
---   prefix, timeout, specs, families as of a grid's driver; packages: as of everywhere.lua's
return function(driver)
	for _, row in ipairs(driver.opens) do
		local nat = row[1]
		for i, way in ipairs(driver.ways) do
			local expected = row[i + 1]
			scenario(driver.prefix .. nat .. " " .. way, { timeout = driver.timeout }, function(lab)
				local families = driver.families and driver.families[nat]
				local server, alice = lab:host("server"), lab:host("alice", { nat = driver.specs[nat] or nat, families = families })
				lab:cell { row = nat, column = way, expected = expected }
				need.say_versions(lab, server, driver.packages)
				driver.server(lab, server)
				local opened = driver.opened(lab, alice, server, way)
				lab:cell { opened = opened }
				equal(opened, expected, "messages come back through the server")
			end)
		end
	end
end
