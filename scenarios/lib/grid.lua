-- A grid of NATs for any program: every type against every other, a scenario for each cell. How the program is started and
-- how it is told that a path opened is the driver's; `punchlab matrix --driver FILE` shows the outcome as a grid.

local STANDARD = { "open", "full-cone", "restricted", "port-restricted", "symmetric" }

local KNOWN = { types = "table", specs = "table", families = "table", prefix = "string", opens = "table", timeout = "number", jobs = "number",
	protocol = "string", rendezvous = "function", peer = "function", opened = "function" }

local function check(driver)
	for name, value in pairs(driver) do
		local wanted = KNOWN[name]
		if not wanted then
			error("a driver has no '" .. tostring(name)
				.. "'; there are: families, jobs, opened, opens, peer, prefix, protocol, rendezvous, specs, timeout, types", 3)
		elseif type(value) ~= wanted then
			error("a driver's '" .. name .. "' is a " .. wanted .. ", not a " .. type(value), 3)
		end
	end
	if not driver.peer or not driver.opened then
		error("a driver needs 'peer' and 'opened'", 3)
	end
end

local function run_cell(driver, lab, cell)
	local specs, families = driver.specs or {}, driver.families or {}
	local server_host = lab:host("server", { families = driver.families and "46" })
	local alice_host = lab:host("alice", { nat = specs[cell.row] or cell.row, families = families[cell.row] })
	local bob_host = lab:host("bob", { nat = specs[cell.column] or cell.column, families = families[cell.column] })

	lab:cell(cell)
	local rendezvous = driver.rendezvous and driver.rendezvous(lab, server_host, cell)
	local alice = driver.peer(lab, alice_host, rendezvous, cell)
	local bob = driver.peer(lab, bob_host, rendezvous, cell)
	local opened, more = driver.opened(lab, alice, bob, cell)
	opened = opened and true or false
	lab:cell { opened = opened }
	if more then
		lab:cell(more)
	end
	if driver.families then
		return
	elseif cell.expected == nil then
		lab:oracle(alice_host, bob_host, opened, driver.protocol)
	else
		equal(opened, cell.expected, cell.row .. " x " .. cell.column .. ": the punch opens")
	end
end

--- Registers a scenario for each cell. A driver is a table:
--   peer(lab, host, rendezvous, cell)  starts the program there, alice's first; what it returns is the peer
--   opened(lab, alice, bob, cell)      waits until the two know, makes sure that they talk; whether they do, and a table of
--                                      ms and path, if they are known
--   rendezvous(lab, host, cell)        starts what introduces them, on the host "server"; what it returns is handed on
--   types     the rows and columns, in their order; RFC 3489's types and open, unless told
--   specs     type -> spec, where the type is no spec itself
--   families  type -> "4", "6" or "46", where hosts have others than IPv4; `opened` then asks the oracle itself, of each family
--   opens     type -> list of booleans, what must come of each cell; without it the oracle of the measured boxes decides
--   protocol  "tcp" where that is what the program punches by: the oracle is asked about that
--   prefix    of the scenarios' names; timeout: of each, in seconds; jobs: so many of those at once each counts for
-- `cell` has row, column and, where there is a table, expected.
return function(driver)
	check(driver)
	local types = driver.types or STANDARD
	for _, row in ipairs(types) do
		for i, column in ipairs(types) do
			local expected = driver.opens and driver.opens[row][i]
			scenario((driver.prefix or "") .. row .. " x " .. column, { timeout = driver.timeout, jobs = driver.jobs }, function(lab)
				run_cell(driver, lab, { row = row, column = column, expected = expected })
			end)
		end
	end
end
