-- A program of other people in every place that matters: each type of NAT against every other (grid.lua), and where two
-- peers stand behind one box, or boxes behind boxes. What p2pchat makes of these is in ../same_nat.lua and ../nesting.lua.

local need = require "need"

local HOME = "port-restricted"

--- Two hosts at one home.
local function one_home(more)
	return function(lab, spec)
		local home = lab:box("home", spec .. more)
		return lab:host("alice", { behind = home }), lab:host("bob", { behind = home })
	end
end

--- Two homes behind one carrier; their private addresses are the same, as those of two routers of one make are.
local function one_carrier(spec)
	return function(lab, home_spec)
		local carrier, hosts = lab:box("carrier", spec), {}
		for i, name in ipairs { "alice", "bob" } do
			local home = lab:box("home-" .. name:sub(1, 1), home_spec, { behind = carrier, lan = "192.168.1.0/24" })
			hosts[i] = lab:host(name, { behind = home })
		end
		return hosts[1], hosts[2]
	end
end

--- Alice at a home whose router stands behind another box, bob at a home like others.
local function nested(outer_spec)
	return function(lab, home_spec)
		local home = lab:box("home", home_spec, { behind = lab:box("outer", outer_spec) })
		return lab:host("alice", { behind = home }), lab:host("bob", { nat = home_spec })
	end
end

local TOPOLOGIES = {
	{ "one home", one_home "" },
	{ "one home, hairpinning", one_home ",hairpin" },
	{ "one carrier", one_carrier "carrier,hairpin=none" },
	{ "one carrier, hairpinning", one_carrier "carrier" },
	{ "a home in a home", nested(HOME) },
	{ "a home behind a cellular carrier", nested "cellular" },
}

local function scenario_of(driver, name, place, home_spec, expected)
	scenario(driver.prefix .. name, { timeout = driver.timeout, jobs = driver.jobs }, function(lab)
		local server_host = lab:host("server")
		local alice_host, bob_host = place(lab, home_spec)

		lab:fact("topology", name)
		local rendezvous = driver.rendezvous(lab, server_host)
		local alice = driver.peer(lab, alice_host, rendezvous)
		local bob = driver.peer(lab, bob_host, rendezvous)
		local opened, more = driver.opened(lab, alice, bob)
		lab:fact("opened", opened)
		if more and more.path then
			lab:fact("path", more.path)
		end
		equal(opened, expected, name .. ": it opens")
	end)
end

--- Registers all of them. `driver` is one for the grid, in which peer and opened are given a cell only in a grid; and
---   packages    Debian's, whose versions each result has as a fact
---   topologies  name -> whether it opens there, of each of TOPOLOGIES; nil: none of them
---   home        the spec of the homes there, a port-restricted cone unless told
return function(driver)
	local packages, topologies, home = driver.packages, driver.topologies, driver.home or HOME
	local rendezvous = driver.rendezvous
	driver.packages, driver.topologies, driver.home = nil, nil, nil
	driver.rendezvous = function(lab, host)
		need.say_versions(lab, host, packages)
		return rendezvous(lab, host)
	end
	require "grid"(driver)
	for _, topology in ipairs(topologies and TOPOLOGIES or {}) do
		local name, place = table.unpack(topology)
		if topologies[name] == nil then
			error(driver.prefix .. "what comes of '" .. name .. "'?", 2)
		end
		scenario_of(driver, name, place, home, topologies[name])
	end
end
