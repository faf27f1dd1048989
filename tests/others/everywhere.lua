-- Stands for scenarios/others/lib/everywhere.lua, and starts nothing: what the driver expects, as facts.

return function(driver)
	local types = driver.types or { "open", "full-cone", "restricted", "port-restricted", "symmetric" }
	local facts = {}
	for _, row in ipairs(types) do
		for i, column in ipairs(types) do
			facts["cells: " .. row .. " x " .. column] = driver.opens[row][i]
		end
	end
	for name, opens in pairs(driver.topologies or {}) do
		facts["topologies: " .. name] = opens
	end
	scenario((driver.prefix:gsub(": $", "")), function(lab)
		for name, opens in pairs(facts) do
			lab:fact(name, opens)
		end
	end)
end
